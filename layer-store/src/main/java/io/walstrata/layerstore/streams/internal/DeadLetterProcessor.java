package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import io.walstrata.layerstore.streams.RawRecord;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the records that the store has refused, with {@link DeadLetterHeaders}; the second child
 * of the source. The producer of Kafka Streams writes them, so a dead letter is written before the
 * record's offset is committed, and exactly once under {@code exactly_once_v2}.
 */
public final class DeadLetterProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private final String name;
  private final String storeName;

  private @Nullable ProcessorContext<byte[], byte[]> context;
  private @Nullable LayerStateStore store;

  public DeadLetterProcessor(String name, String storeName) {
    this.name = name;
    this.storeName = storeName;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    this.context = context;
    this.store = context.getStateStore(storeName);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (context == null || store == null) {
      throw new IllegalStateException("init must be called before process");
    }
    RawRecord raw = SourceRecords.raw(context, record);
    Verdict verdict;
    try {
      verdict = store.verdict(raw);
    } catch (RuntimeException e) {
      throw KafkaInternals.unhandleable(name, e);
    }
    if (verdict.isBad()) {
      // With the record's own, possibly old, timestamp the topic's retention could delete the dead
      // letter before it is read; the old one is in a header.
      context.forward(
          record.withHeaders(headers(raw, verdict)).withTimestamp(context.currentSystemTimeMs()));
    }
  }

  /**
   * Returns the record's headers with those of a dead letter added. A record that was a dead letter
   * before, sent again and bad again, has those of the last time only.
   */
  private static Headers headers(RawRecord record, Verdict verdict) {
    Headers headers = KafkaInternals.copy(record.headers());
    set(headers, DeadLetterHeaders.REASON, verdict.badReason().code());
    set(headers, DeadLetterHeaders.MESSAGE, verdict.badMessage());
    set(headers, DeadLetterHeaders.TOPIC, record.topic());
    set(headers, DeadLetterHeaders.PARTITION, Integer.toString(record.partition()));
    set(headers, DeadLetterHeaders.OFFSET, Long.toString(record.offset()));
    set(headers, DeadLetterHeaders.TIMESTAMP, Long.toString(record.timestampMs()));
    return headers;
  }

  private static void set(Headers headers, String name, String value) {
    headers.remove(name).add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
