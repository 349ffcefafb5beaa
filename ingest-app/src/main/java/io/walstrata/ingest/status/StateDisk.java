package io.walstrata.ingest.status;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.errors.ProcessorStateException;

/**
 * Whether Kafka Streams failed because the disk of its state directory takes nothing more. It makes
 * a directory for each partition that it is given, and says that it could not, but not why.
 * Thread-safe.
 */
public final class StateDisk {
  /** How often in a row a directory is tried again although the disk is well. */
  static final int MOST_TRIES = 3;

  private final Path directory;

  /** By what Kafka Streams says, which names the partition's directory. */
  private final Map<String, Integer> tries = new ConcurrentHashMap<>();

  /**
   * @param directory the instance's own below the state directory
   */
  public StateDisk(Path directory) {
    this.directory = directory;
  }

  /**
   * Returns what is wrong with the disk, or was, if that may be why something was thrown; empty if
   * it is not the disk.
   */
  public Optional<String> failureBehind(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root instanceof ProcessorStateException
        ? probe(String.valueOf(root.getMessage()))
        : Optional.empty();
  }

  /** Begins to count anew: the partitions have their directories. */
  public void recovered() {
    tries.clear();
  }

  /** A right that is missing is a mistake in the setup, and no failure of the disk. */
  private Optional<String> probe(String message) {
    try {
      Files.delete(Files.createTempDirectory(directory, "probe"));
      return wellAgain(message);
    } catch (AccessDeniedException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("state.dir cannot be written: " + e);
    }
  }

  /**
   * There may have been room again between the failure and the look. A failure of a partition's
   * directory names it; that, and not Kafka's words, is what it is known by.
   */
  private Optional<String> wellAgain(String message) {
    if (!message.contains(
        directory.resolve("").toString() + directory.getFileSystem().getSeparator())) {
      return Optional.empty();
    }
    int tried = tries.merge(message, 1, Integer::sum);
    return tried > MOST_TRIES
        ? Optional.empty()
        : Optional.of(
            "state.dir could not be written, and can be again: try="
                + tried
                + ", error="
                + message);
  }
}
