package io.walstrata.layerstore.streams;

import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A record as the topic holds it, the same whether it is processed or restored.
 *
 * @param timestampMs the timestamp in milliseconds since 1970; 0 if the record has none
 * @param key the routing key; null is refused before decoding
 * @param value the message; null if the record has none
 * @param headers not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // see below
public record RawRecord(
    String topic,
    int partition,
    long offset,
    long timestampMs,
    byte @Nullable [] key,
    byte @Nullable [] value,
    Headers headers) {
  /*
   * Arrays are compared by identity in equals: nothing here compares records, and copying them on
   * the way in would cost one copy of all data.
   */

  /** Replaces a negative timestamp, which old clients set for "none", with 0. */
  public RawRecord {
    timestampMs = Math.max(0, timestampMs);
  }

  /** Returns the bytes of key and value together. */
  public long sizeBytes() {
    return (key == null ? 0L : key.length) + (value == null ? 0L : value.length);
  }

  /** Returns where the record is, for messages: {@code topic=…, partition=…, offset=…}. */
  public String location() {
    return "topic=" + topic + ", partition=" + partition + ", offset=" + offset;
  }

  @Override
  public String toString() {
    return "RawRecord("
        + location()
        + ", timestampMs="
        + timestampMs
        + ", bytes="
        + sizeBytes()
        + ")";
  }
}
