package io.walstrata.layerstore.streams;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Names the headers of a dead letter, all of them UTF-8 text. Key, value and the other headers are
 * the original bytes.
 */
public final class DeadLetterHeaders {
  /** Prefix of all these names. */
  public static final String PREFIX = "walstrata.dead-letter.";

  /** {@link BadRecordReason#code()}. */
  public static final String REASON = "walstrata.dead-letter.reason";

  /** What is wrong with the record, as text for people. */
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
   * Upper bound, in bytes, of what these headers and a batch of one record add to the record
   * itself; the message has at most 2000 characters. The {@code max.message.bytes} of a dead-letter
   * topic must exceed that of its source topic by this much.
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
