package io.walstrata.layerstore.streams;

import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the records that the store has refused, with {@link DeadLetterHeaders}; the second child
 * of the source. The producer of Kafka Streams writes them, so a dead letter is written before the
 * record's offset is committed, and exactly once under {@code exactly_once_v2}.
 */
final class DeadLetterProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private final String name;
  private final String storeName;

  private @Nullable ProcessorContext<byte[], byte[]> context;
  private @Nullable LayerStateStore store;

  DeadLetterProcessor(String name, String storeName) {
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
      throw new IllegalStateException("process comes after init");
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
          record
              .withHeaders(DeadLetterHeaders.of(raw, verdict))
              .withTimestamp(context.currentSystemTimeMs()));
    }
  }
}
