package io.walstrata.ingest.start;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.config.IngestSettings;
import io.walstrata.layerstore.home.HomeClaimedException;
import io.walstrata.layerstore.home.LayerHomes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Checks of this machine, before the job asks or changes anything elsewhere. */
public final class LocalChecks {
  private LocalChecks() {}

  /**
   * Checks that layers can be written, without making anything.
   *
   * @throws StartupException if {@code layers.home} is no directory, or may not be written to
   */
  public static void checkHome(IngestConfig config) throws StartupException {
    Path home = config.layersHome();
    Path there = home;
    while (there != null && !Files.exists(there)) {
      there = there.getParent();
    }
    String fault =
        there == null
            ? "does not exist"
            : !Files.isDirectory(there)
                ? "is not a directory"
                : !Files.isWritable(there) ? "may not be written to by this user" : "";
    if (!fault.isEmpty()) {
      throw new StartupException(
          "cannot use the layers' home, set "
              + IngestSettings.LAYERS_HOME
              + " to a directory that can be written to: "
              + IngestSettings.LAYERS_HOME
              + "="
              + home
              + ", error="
              + there
              + " "
              + fault);
    }
  }

  /**
   * Claims the instance's directory below {@code state.dir}. Kafka Streams locks it too, later, and
   * with a shorter message.
   *
   * @return releases the claim
   * @throws StartupException if another process has claimed it, or it cannot be made
   */
  public static Closeable claimState(IngestConfig config) throws StartupException {
    Path directory = config.instanceDirectory();
    try {
      // The same kind of lock as that of a layers' home; homes are elsewhere.
      return LayerHomes.directory(directory).claim(Duration.ZERO);
    } catch (HomeClaimedException e) {
      throw new StartupException(
          "another instance uses this "
              + IngestSettings.STATE_DIR
              + ", give each instance its own, or stop the other one: "
              + IngestSettings.STATE_DIR
              + "="
              + config.stateDir()
              + ", "
              + IngestSettings.APPLICATION_ID
              + "="
              + config.applicationId()
              + ", error="
              + e.getMessage(),
          e);
    } catch (IOException e) {
      throw cannotUse(config, e);
    }
  }

  /** Returns the exception for a state directory that cannot be written. */
  public static StartupException cannotUse(IngestConfig config, IOException e) {
    return new StartupException(
        "cannot use the state directory, set "
            + IngestSettings.STATE_DIR
            + " to one that can be written to: "
            + IngestSettings.STATE_DIR
            + "="
            + config.stateDir()
            + ", error="
            + e,
        e);
  }
}
