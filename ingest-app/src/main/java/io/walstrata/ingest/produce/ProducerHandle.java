package io.walstrata.ingest.produce;

import java.time.Duration;
import java.util.Optional;

/**
 * A running producer. Safe for use by any thread.
 *
 * <p>It runs on threads of its own until its work is done (an end LSN, the last file, the number of
 * versions), until it fails, or until it is closed.
 */
public interface ProducerHandle extends AutoCloseable {
  /** Returns where it is, at this moment. Never blocks. */
  ProduceProgress progress();

  /** Returns whether it still works, or tries to: false once it finished, failed or was closed. */
  boolean isRunning();

  /** Returns what made it stop early, if something did. */
  Optional<ProduceException> failure();

  /** Returns a sentence about where the source ended, if it did and that is of interest. */
  default Optional<String> ending() {
    return Optional.empty();
  }

  /**
   * Waits until it has stopped.
   *
   * @return whether it has; false if the time was up first
   */
  boolean await(Duration timeout) throws InterruptedException;

  /**
   * Stops reading, sends what was read and waits for Kafka to acknowledge it, at most the time
   * given by the setting {@code close-timeout-s}. What was not acknowledged by then is not claimed:
   * the next start resends it. Does nothing the second time.
   */
  @Override
  void close();
}
