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
 * Checks whether Kafka Streams failed because the disk of its state directory is full. It makes a
 * directory for each partition that it is assigned, and when it cannot, it does not report why.
 * Thread-safe.
 */
public final class StateDisk {
  /** How often in a row a directory is retried although the disk can be written. */
  static final int MOST_TRIES = 3;

  private final Path directory;

  /** By the message of Kafka Streams, which names the partition's directory. */
  private final Map<String, Integer> tries = new ConcurrentHashMap<>();

  /**
   * @param directory the instance's own below the state directory
   */
  public StateDisk(Path directory) {
    this.directory = directory;
  }

  /**
   * Returns what is or was wrong with the disk, if that may be the cause of an exception; empty if
   * the cause is another.
   */
  public Optional<String> failure(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root instanceof ProcessorStateException
        ? probe(String.valueOf(root.getMessage()))
        : Optional.empty();
  }

  /** Begins to count from zero: the partitions have their directories. */
  public void recovered() {
    tries.clear();
  }

  /** A missing permission is a mistake in the setup, and no failure of the disk. */
  private Optional<String> probe(String message) {
    try {
      Files.delete(Files.createTempDirectory(directory, "probe"));
      return recovered(message);
    } catch (AccessDeniedException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("state.dir cannot be written: " + e);
    }
  }

  /**
   * The disk may have been freed between the failure and the probe. The failure to make a directory
   * is recognized by its path in the message: Kafka Streams throws it with neither a cause nor a
   * task, and its type is that of other failures of state too. Kafka's words do not matter.
   */
  private Optional<String> recovered(String message) {
    if (!message.contains(
        directory.resolve("").toString() + directory.getFileSystem().getSeparator())) {
      return Optional.empty();
    }
    int tried = tries.merge(message, 1, Integer::sum);
    return tried > MOST_TRIES
        ? Optional.empty()
        : Optional.of(
            "state.dir could not be written, it can be again: try=" + tried + ", error=" + message);
  }
}
