package io.walstrata.layerstore.streams;

import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Hands the records of the source to the store. */
final class IngestProcessor implements Processor<byte[], byte[], Void, Void> {
  private final String name;
  private final String storeName;

  private @Nullable ProcessorContext<Void, Void> context;
  private @Nullable LayerStateStore store;

  IngestProcessor(String name, String storeName) {
    this.name = name;
    this.storeName = storeName;
  }

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    this.context = context;
    this.store = context.getStateStore(storeName);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (context == null || store == null) {
      throw new IllegalStateException("process comes after init");
    }
    try {
      if (store.process(SourceRecords.raw(context, record))) {
        // Not needed for correctness: it keeps the group's offset near what layers cover, so that a
        // restart hands over few records twice.
        context.commit();
      }
    } catch (RuntimeException e) {
      throw KafkaInternals.unhandleable(name, e);
    }
  }
}
