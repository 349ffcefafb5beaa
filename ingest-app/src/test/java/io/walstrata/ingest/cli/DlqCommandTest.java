package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What needs no broker; BadRecordsIT has the rest. */
class DlqCommandTest {
  @TempDir Path directory;

  @Test
  void withoutBrokers_isWrongUsage() {
    for (String command : new String[] {"list", "replay"}) {
      Cli.Outcome outcome = Cli.run("dlq", command);
      assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
      assertThat(outcome.err()).contains("--bootstrap.servers or --config");
    }
  }

  @Test
  void unknownArguments_areRefused() {
    for (String argument : new String[] {"--resaon=late", "late", "--streams.x", "--partition=x"}) {
      Cli.Outcome outcome = Cli.run("dlq", "list", "--bootstrap.servers=127.0.0.1:1", argument);
      assertThat(outcome.status()).as(argument).isEqualTo(ExitStatus.USAGE);
      assertThat(outcome.err()).contains(argument.replace("=x", ""));
    }
  }

  @Test
  void brokerAway_isUnavailable_andNamed() throws Exception {
    Path file = directory.resolve("job.properties");
    Files.writeString(
        file,
        "bootstrap.servers=127.0.0.1:1\napplication.id=other\n"
            + "streams.consumer.default.api.timeout.ms=300\n");
    Cli.Outcome outcome = Cli.run("dlq", "list", "--config", file.toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(outcome.err()).contains("127.0.0.1:1", "topic=other-dead-letters");
  }
}
