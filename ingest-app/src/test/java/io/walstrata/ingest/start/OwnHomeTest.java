package io.walstrata.ingest.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerHomes;
import java.io.Closeable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // What is held is not asked for anything.
class OwnHomeTest {
  @TempDir Path home;

  private Closeable claim(String standbys) throws Exception {
    IngestConfig config =
        IngestConfig.of(
            Map.of(
                "bootstrap.servers", "127.0.0.1:1",
                "schema.registry.url", "mock://own-home",
                "wal.topics", "wal",
                "layers.home", home.toString(),
                "claim.timeout.ms", "0",
                "streams.num.standby.replicas", standbys));
    return OwnHome.claim(config, config.streamsSettings());
  }

  @Test
  void withStandbys_theHomeIsNotShared() throws Exception {
    try (Closeable first = claim("1")) {
      assertThatThrownBy(() -> claim("1"))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("streams.num.standby.replicas=1")
          .hasMessageContaining("layers.home of its own")
          .hasMessageContaining("home=" + home)
          .hasMessageContaining("process ");
    }
    claim("1").close();
  }

  @Test
  void withoutStandbys_theHomeMayBeShared() throws Exception {
    try (Claim other = LayerHomes.directory(home).claim(Duration.ZERO)) {
      claim("0").close();
      assertThat(home.resolve("lock")).exists();
    }
  }
}
