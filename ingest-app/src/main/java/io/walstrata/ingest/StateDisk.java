package io.walstrata.ingest;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.streams.errors.ProcessorStateException;

/**
 * Whether Kafka Streams failed because the disk of its state directory takes nothing more. It makes
 * a directory for each partition that it is given, and says that it could not, but not why.
 */
final class StateDisk {
  private final Path directory;

  /**
   * @param directory the instance's own below the state directory
   */
  StateDisk(Path directory) {
    this.directory = directory;
  }

  /**
   * Returns what is wrong with the disk at the moment, if that may be why something was thrown;
   * empty if it is not the disk.
   */
  Optional<String> failureBehind(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root instanceof ProcessorStateException ? probe() : Optional.empty();
  }

  /** A right that is missing is a mistake in the setup, and no failure of the disk. */
  private Optional<String> probe() {
    try {
      Files.delete(Files.createTempDirectory(directory, "probe"));
      return Optional.empty();
    } catch (AccessDeniedException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("state.dir cannot be written: " + e);
    }
  }
}
