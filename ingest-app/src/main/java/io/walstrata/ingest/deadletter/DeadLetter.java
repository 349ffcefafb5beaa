package io.walstrata.ingest.deadletter;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * A dead letter's headers and lengths, without the bytes.
 *
 * @param position where the letter is
 * @param reason the code of the reason
 * @param message what exactly is wrong
 * @param topic where the record was read
 * @param partition its partition
 * @param offset its offset
 * @param timestampMs its timestamp; 0 if it had none
 * @param keyBytes length of its key; -1 if it has none
 * @param valueBytes length of its value; -1 if it has none
 */
public record DeadLetter(
    Position position,
    String reason,
    String message,
    String topic,
    int partition,
    long offset,
    long timestampMs,
    int keyBytes,
    int valueBytes) {

  /** A partition and offset of the dead-letter topic. */
  public record Position(int partition, long offset) {
    static Position of(ConsumerRecord<?, ?> letter) {
      return new Position(letter.partition(), letter.offset());
    }

    /** Reads the form of {@link #toString}; empty if the text is anything else. */
    static Optional<Position> parse(String text) {
      int colon = text.indexOf(':');
      try {
        return Optional.of(
            new Position(
                Integer.parseInt(text.substring(0, Math.max(0, colon))),
                Long.parseLong(text.substring(colon + 1))));
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }

    @Override
    public String toString() {
      return partition + ":" + offset;
    }
  }

  /** Returns a record as a dead letter; empty if it is none of a job. */
  static Optional<DeadLetter> of(ConsumerRecord<byte[], byte[]> letter) {
    Headers headers = letter.headers();
    Optional<String> topic = DeadLetterHeaders.read(headers, DeadLetterHeaders.TOPIC);
    Optional<Long> partition = number(headers, DeadLetterHeaders.PARTITION);
    Optional<Long> offset = number(headers, DeadLetterHeaders.OFFSET);
    if (topic.isEmpty() || partition.isEmpty() || offset.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new DeadLetter(
            Position.of(letter),
            DeadLetterHeaders.read(headers, DeadLetterHeaders.REASON).orElse("unknown"),
            DeadLetterHeaders.read(headers, DeadLetterHeaders.MESSAGE).orElse(""),
            topic.get(),
            partition.get().intValue(),
            offset.get(),
            number(headers, DeadLetterHeaders.TIMESTAMP).orElse(0L),
            letter.serializedKeySize(),
            letter.serializedValueSize()));
  }

  private static Optional<Long> number(Headers headers, String name) {
    try {
      return DeadLetterHeaders.read(headers, name).map(Long::valueOf);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
