package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.IngestSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
  @Test
  void help_isThereForEveryCommand() {
    for (List<String> path : commands(Main.commandLine(), List.of())) {
      List<String> args = new ArrayList<>(path);
      args.add("--help");
      Cli.Outcome outcome = Cli.run(args.toArray(String[]::new));
      assertThat(outcome.status()).as("%s", path).isEqualTo(ExitStatus.OK);
      assertThat(outcome.out()).as("%s", path).startsWith("Usage: walstrata");
      assertThat(outcome.out().lines()).as("%s", path).hasSizeGreaterThan(3);
    }
  }

  private static List<List<String>> commands(CommandLine command, List<String> path) {
    List<List<String>> all = new ArrayList<>(List.of(path));
    command
        .getSubcommands()
        .forEach(
            (name, subcommand) -> {
              List<String> below = new ArrayList<>(path);
              below.add(name);
              all.addAll(commands(subcommand, below));
            });
    return all;
  }

  @Test
  void commandLine_ofACommand_hasThatCommandAlone() {
    for (String name : Main.commandLine().getSubcommands().keySet()) {
      CommandLine alone = Main.commandLine(new String[] {name, "--help"});
      assertThat(alone.getSubcommands()).containsOnlyKeys(name);
    }
  }

  @Test
  void version_namesTheProduct() {
    assertThat(Cli.run("--version").out()).startsWith("walstrata ");
  }

  @Test
  void noCommand_orAnUnknownOne_isWrongUsage() {
    assertThat(Cli.run().status()).isEqualTo(ExitStatus.USAGE);
    Cli.Outcome outcome = Cli.run("timelnes");
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains("timelnes");
  }

  @Test
  void config_listsEverySetting() {
    assertThat(Cli.run("config").out())
        .contains(IngestSettings.DEF.names())
        .contains("streams.*", "registry.*");
  }

  @Test
  void configuration_pageIsWhatTheCommandPrints() throws Exception {
    assertThat(Files.readString(Path.of("docs/configuration.md")))
        .as("out of date: walstrata config --markdown > ingest-app/docs/configuration.md")
        .isEqualTo(Cli.run("config", "--markdown").out());
  }
}
