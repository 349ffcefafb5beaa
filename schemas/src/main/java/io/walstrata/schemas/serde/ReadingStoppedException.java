package io.walstrata.schemas.serde;

import org.apache.kafka.common.KafkaException;

/**
 * The reader was closed while it read a message. The message may be good: another reader can read
 * it.
 */
public final class ReadingStoppedException extends KafkaException {
  private static final long serialVersionUID = 1L;

  public ReadingStoppedException(String message) {
    super(message);
  }
}
