package io.walstrata.layerstore.streams;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Headers of a dead letter, all of them UTF-8 text. Key, value and the other headers are the
 * original bytes.
 */
public final class DeadLetterHeaders {
  /** What the names of all of them begin with. */
  public static final String PREFIX = "walstrata.dead-letter.";

  /** {@link BadRecordReason#code()}. */
  public static final String REASON = "walstrata.dead-letter.reason";

  /** What exactly is wrong, for people. */
  public static final String MESSAGE = "walstrata.dead-letter.message";

  /** The topic that the record was read from. */
  public static final String TOPIC = "walstrata.dead-letter.topic";

  /** The partition, decimal. */
  public static final String PARTITION = "walstrata.dead-letter.partition";

  /** The offset, decimal. */
  public static final String OFFSET = "walstrata.dead-letter.offset";

  /** The record's timestamp, milliseconds since 1970, decimal; 0 if it had none. */
  public static final String TIMESTAMP = "walstrata.dead-letter.timestamp";

  /**
   * What all of them, and a batch of one record, take at most beyond the record itself, in bytes:
   * the message is 2000 characters long at most. A topic for dead letters takes messages larger by
   * this than the topics they come from.
   */
  public static final int MAX_BYTES = 64 << 10;

  private DeadLetterHeaders() {}

  /** Returns a dead-letter header's text; empty if the record does not have it. */
  public static Optional<String> read(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? Optional.empty()
        : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
  }
}
