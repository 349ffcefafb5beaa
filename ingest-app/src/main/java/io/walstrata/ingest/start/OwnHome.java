package io.walstrata.ingest.start;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.layerstore.home.HomeClaimedException;
import io.walstrata.layerstore.home.LayerHomes;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Claims the layers' home as a whole for an instance with standbys. A standby writes the layers of
 * a partition that another instance writes too: in one directory the second one could only fail, at
 * a moment that the group chooses.
 */
public final class OwnHome {
  private OwnHome() {}

  /**
   * Claims the home as a whole, if these settings have standbys.
   *
   * @return releases the claim
   * @throws StartupException if another process has claimed it, and does not release it in time
   */
  public static Closeable claim(IngestConfig config, Properties streams)
      throws StartupException, IOException {
    String standbys =
        String.valueOf(streams.getOrDefault(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, "0"));
    if (Integer.parseInt(standbys.strip()) == 0) {
      return () -> {};
    }
    try {
      return LayerHomes.directory(config.layersHome())
          .claim(Duration.ofMillis(config.claimTimeoutMs()));
    } catch (HomeClaimedException e) {
      throw new StartupException(
          "with standbys (streams.num.standby.replicas="
              + standbys
              + ") each instance needs a layers.home of its own, and another one uses this one: "
              + e.getMessage(),
          e);
    }
  }
}
