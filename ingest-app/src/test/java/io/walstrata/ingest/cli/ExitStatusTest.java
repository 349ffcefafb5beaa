package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exit statuses as docs/cli.md has them. Other tests have those that need more around them. */
class ExitStatusTest {
  @ParameterizedTest
  @CsvSource({
    "0, --help",
    "0, --version",
    "0, help",
    "0, help layer verify",
    "2, help nothing",
    "0, completion",
    "0, config",
    "0, config --json",
    "2, config --json --markdown",
    "0, schema",
    "0, schema --json",
    "0, schema WalRecord",
    "2, schema WalRekord",
    "2, nothing",
    "2, run",
    "2, run --wal.topic=x",
    "2, run --streams.a=1 --streams.a=2",
    "2, run --config /no/such/file",
    "2, produce",
    "2, produce synthetic --nothing=1",
    "2, produce synthetic --producer.a=1 --producer.a=2",
    "2, produce synthetic --config /no/such/file",
    "2, layer",
    "2, layer verify",
    "5, layer verify /no/such/file",
    "5, layer info /no/such/file",
    "5, layer dump /no/such/file",
    "4, status --url=http://127.0.0.1:1",
    "4, timelines --url=http://127.0.0.1:1",
    "2, timelines --url=nothing",
    "2, dlq list",
    "2, dlq list --bootstrap.servers=127.0.0.1:1 --limit=0",
    "2, dlq list --bootstrap.servers=127.0.0.1:1 --from-offset=-1",
    "2, dlq list --bootstrap.servers=127.0.0.1:1 --from-offset=9 --to-offset=8",
    "2, dlq replay --bootstrap.servers=127.0.0.1:1 --partition=-1",
    "2, dlq replay --bootstrap.servers=127.0.0.1:1 --streams.a=1 --streams.a=1",
  })
  void status(int status, String arguments) {
    Cli.Outcome outcome = Cli.run(arguments.split(" "));
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(status);
    assertThat(outcome.err()).doesNotContain("\tat ");
  }

  @Test
  void page_hasEveryStatusAndEveryCommand() throws Exception {
    String page = Files.readString(Path.of("docs/cli.md"));
    for (Field each : ExitStatus.class.getFields()) {
      if (Modifier.isStatic(each.getModifiers())) {
        assertThat(page).contains("| " + each.getInt(null) + " |");
      }
    }
    for (String command : Main.commandLine().getSubcommands().keySet()) {
      assertThat(page).contains("`" + command);
    }
  }
}
