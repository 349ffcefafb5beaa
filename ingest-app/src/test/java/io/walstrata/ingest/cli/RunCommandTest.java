package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.config.IngestSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandTest {
  @TempDir Path directory;

  private Path file(String... lines) throws IOException {
    return Files.writeString(directory.resolve("job.properties"), String.join("\n", lines));
  }

  @Test
  void help_listsEverySettingWithItsDefault() {
    String help = Cli.run("run", "--help").out().replaceAll("\\s+", " ");
    assertThat(IngestSettings.DEF.names())
        .allSatisfy(name -> assertThat(help).contains("--" + name + "="));
    assertThat(help).contains("Default: 127.0.0.1.", "--streams.NAME=", "--registry.NAME=");
  }

  @Test
  void unknownFlag_isRefusedWithTheNearest() {
    Cli.Outcome outcome = Cli.run("run", "--frez.offsets=5");
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err())
        .contains("name=frez.offsets, did you mean freeze.offsets?")
        .contains("layers.home");
    assertThat(outcome.err().lines()).hasSize(1);
  }

  @Test
  void unknownFlagWithAValueAfterIt_isRefusedByName() {
    assertThat(Cli.run("run", "--frez.offsets", "5").err()).contains("name=frez.offsets");
  }

  @Test
  void unknownSettingInTheFile_isRefusedByName() throws IOException {
    Cli.Outcome outcome = Cli.run("run", "--config", file("wal.topic=x").toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains("name=wal.topic, did you mean wal.topics?");
  }

  @Test
  void missingFile_isWrongUsage() {
    Cli.Outcome outcome = Cli.run("run", "--config=" + directory.resolve("none"));
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains("no such configuration file");
  }

  @Test
  void strayArgument_isWrongUsage() {
    Cli.Outcome outcome = Cli.run("run", "job.properties");
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains("not a flag: job.properties");
  }

  @Test
  void passThroughFlagWithoutAValue_isWrongUsage() {
    Cli.Outcome outcome = Cli.run("run", "--streams.num.stream.threads");
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains("flag without a value: --streams.num.stream.threads");
  }

  @Test
  void flags_winOverTheFile_inBothForms() throws IOException {
    Path file = file("http.port=1", "freeze.bytes=1", "streams.num.stream.threads=1");
    Cli.Outcome outcome =
        Cli.run(
            "run",
            "--config",
            file.toString(),
            "--http.port=port-by-flag",
            "--freeze.bytes",
            "bytes-by-flag",
            "--streams.num.stream.threads",
            "threads-by-flag");
    assertThat(outcome.err()).contains("port-by-flag", "bytes-by-flag", "threads-by-flag");
  }

  @Test
  void noBroker_isUnavailable_andSaysWhichSetting() {
    Cli.Outcome outcome =
        Cli.run(
            "run",
            "--bootstrap.servers=127.0.0.1:1",
            "--schema.registry.url=mock://none",
            "--wal.topics=wal",
            "--layers.home=" + directory.resolve("layers"),
            "--state.dir=" + directory.resolve("state"),
            "--http.port=0",
            "--startup.timeout.ms=0");
    assertThat(outcome.status()).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(outcome.err()).contains("no Kafka broker answers", "bootstrap.servers=127.0.0.1:1");
    assertThat(directory.resolve("layers")).doesNotExist();
  }
}
