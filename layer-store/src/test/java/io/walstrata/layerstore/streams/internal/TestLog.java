package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.streams.RawRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Partition 0 of a topic, for tests that have no broker. */
final class TestLog {
  static final String TOPIC = "wal";

  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
  private long nextOffset;
  private long timestampMs = 1_000_000;

  /** Appends a record with a key; each is a second younger than the one before. */
  TestLog add(String text) {
    return add(TextWal.bytes("routing-key"), text);
  }

  TestLog addWithoutKey(String text) {
    return add(null, text);
  }

  TestLog hole(int offsets) {
    nextOffset += offsets;
    return this;
  }

  private TestLog add(byte @Nullable [] key, String text) {
    byte[] value = TextWal.bytes(text);
    timestampMs += 1000;
    records.add(
        new ConsumerRecord<>(
            TOPIC,
            0,
            nextOffset++,
            timestampMs,
            TimestampType.CREATE_TIME,
            key == null ? ConsumerRecord.NULL_SIZE : key.length,
            value.length,
            key,
            value,
            new RecordHeaders(),
            Optional.empty()));
    return this;
  }

  List<ConsumerRecord<byte[], byte[]>> records() {
    return records;
  }

  /** Returns the records with an offset of at least {@code from}. */
  List<ConsumerRecord<byte[], byte[]>> from(long from) {
    return records.stream().filter(record -> record.offset() >= from).toList();
  }

  /** Returns what the ingest processor makes of a record. */
  static RawRecord raw(ConsumerRecord<byte[], byte[]> record) {
    return new RawRecord(
        record.topic(),
        record.partition(),
        record.offset(),
        record.timestamp(),
        record.key(),
        record.value(),
        record.headers());
  }
}
