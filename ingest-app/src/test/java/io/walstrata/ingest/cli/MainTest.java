package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.ingest.config.IngestSettings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
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
      if (List.of("help", "completion").contains(name)) {
        assertThat(alone.getSubcommands()).hasSizeGreaterThan(10);
      } else {
        assertThat(alone.getSubcommands()).containsOnlyKeys(name);
      }
    }
  }

  @Test
  void help_ofACommand_isWhatTheCommandPrints() {
    for (List<String> path : commands(Main.commandLine(), List.of())) {
      List<String> help = new ArrayList<>(List.of("help"));
      help.addAll(path);
      List<String> flag = new ArrayList<>(path);
      flag.add("--help");
      Cli.Outcome outcome = Cli.run(help.toArray(String[]::new));
      assertThat(outcome.status()).as("%s", path).isEqualTo(ExitStatus.OK);
      assertThat(outcome.out()).isEqualTo(Cli.run(flag.toArray(String[]::new)).out());
    }
    Cli.Outcome unknown = Cli.run("help", "layer", "dmp");
    assertThat(unknown.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(unknown.err()).contains("no such command: layer dmp", "info, dump, verify");
  }

  @Test
  void completion_knowsCommandsAndOptions() {
    Cli.Outcome outcome = Cli.run("completion");
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.out())
        .startsWith("#!/usr/bin/env bash")
        .contains("complete -F", "walstrata", "_picocli_walstrata_layer_dump", "--wal.topics");
  }

  @Test
  void nameThatTheLocaleDoesNotAllow_isWrongUsage_withTheVariableToSet() {
    InvalidPathException ascii =
        new InvalidPathException(
            "/tmp/gr\uFFFD\uFFFDe", "Malformed input or input contains unmappable characters");
    assertThat(FileNames.problem(ascii, "ANSI_X3.4-1968"))
        .contains("set LC_ALL=C.UTF-8", "name=/tmp/gr", "encoding=ANSI_X3.4-1968");
    assertThat(FileNames.problem(ascii, "UTF-8")).doesNotContain("LC_ALL");
    assertThat(FileNames.problem(new IllegalStateException(ascii))).isPresent();
    assertThat(FileNames.problem(new IllegalStateException("other"))).isEmpty();
    for (String[] args :
        new String[][] {
          {"layer", "verify", "a\0b"},
          {"run", "--config", "a\0b"},
          {
            "run",
            "--bootstrap.servers=127.0.0.1:1",
            "--schema.registry.url=mock://x",
            "--wal.topics=t",
            "--layers.home=a\0b"
          }
        }) {
      Cli.Outcome outcome = Cli.run(args);
      assertThat(outcome.status()).as("%s", (Object) args).isEqualTo(ExitStatus.USAGE);
      assertThat(outcome.err())
          .startsWith("walstrata: not the name of a file: name=a\0b")
          .doesNotContain("\tat ");
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
  void json_ofSettingsAndSchemas_isAnObjectPerLine() throws Exception {
    ObjectMapper json = new ObjectMapper();
    List<String> settings = Cli.run("config", "--json").out().lines().toList();
    assertThat(settings).hasSize(IngestSettings.DEF.names().size());
    for (String line : settings) {
      assertThat(IngestSettings.DEF.names()).contains(json.readTree(line).get("name").asText());
    }
    assertThat(settings.toString()).contains("\"default\":");
    List<String> schemas = Cli.run("schema", "--json").out().lines().toList();
    assertThat(schemas).hasSize(4);
    for (String line : schemas) {
      JsonNode schema = json.readTree(line);
      assertThat(schema.get("name")).isEqualTo(schema.get("schema").get("name"));
    }
  }

  @Test
  void configuration_pageIsWhatTheCommandPrints() throws Exception {
    assertThat(Files.readString(Path.of("docs/configuration.md")))
        .as("out of date: walstrata config --markdown > ingest-app/docs/configuration.md")
        .isEqualTo(Cli.run("config", "--markdown").out());
  }
}
