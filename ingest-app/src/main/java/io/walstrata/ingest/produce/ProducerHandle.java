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
  /** Returns the progress at this moment. Never blocks. */
  ProduceProgress progress();

  /** Returns whether it runs: false once it finished, failed or was closed. */
  boolean isRunning();

  /** Returns the failure that stopped it, if there was one. */
  Optional<ProduceException> failure();

  /** Returns a sentence about where the source ended, for users; empty if it did not. */
  default Optional<String> ending() {
    return Optional.empty();
  }

  /**
   * Waits until it has stopped.
   *
   * @return whether it has stopped; false after the timeout
   */
  boolean await(Duration timeout) throws InterruptedException;

  /**
   * Stops reading, sends what was read and waits for Kafka to acknowledge it, at most as long as
   * the setting {@code close-timeout-s}. The next start sends again what was not acknowledged by
   * then. Does nothing the second time.
   */
  @Override
  void close();
}
