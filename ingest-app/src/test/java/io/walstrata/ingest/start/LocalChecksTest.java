package io.walstrata.ingest.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.ingest.IngestJob;
import io.walstrata.ingest.config.IngestConfig;
import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // What is held is not asked for anything.
class LocalChecksTest {
  @TempDir Path folder;

  private IngestConfig config(Path home) {
    return IngestConfig.of(
        Map.of(
            "bootstrap.servers", "127.0.0.1:1",
            "schema.registry.url", "mock://local-checks",
            "wal.topics", "wal",
            "layers.home", home.toString(),
            "state.dir", folder.resolve("state").toString(),
            "application.id", "jobs",
            "http.port", "0"));
  }

  @Test
  void homeThatIsBelowAFile_isRefused_beforeAnythingIsMade() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    try (IngestJob job = new IngestJob(config(file.resolve("layers")))) {
      assertThatThrownBy(job::start)
          .isInstanceOf(StartupException.class)
          .hasMessageContainingAll("layers.home=", file + " is not a directory");
    }
    assertThat(folder.resolve("state")).doesNotExist();
  }

  @Test
  void homeThatIsNotThereYet_isFine_andIsNotMade() throws Exception {
    LocalChecks.checkHome(config(folder.resolve("a/b/layers")));
    assertThat(folder.resolve("a")).doesNotExist();
  }

  @Test
  void stateOfAnotherInstance_isRefusedByName() throws Exception {
    IngestConfig config = config(folder.resolve("layers"));
    try (Closeable first = LocalChecks.claimState(config)) {
      assertThatThrownBy(() -> LocalChecks.claimState(config))
          .isInstanceOf(StartupException.class)
          .hasMessageContainingAll(
              "another instance uses this state.dir",
              "state.dir=" + folder.resolve("state"),
              "application.id=jobs");
    }
    LocalChecks.claimState(config).close();
  }
}
