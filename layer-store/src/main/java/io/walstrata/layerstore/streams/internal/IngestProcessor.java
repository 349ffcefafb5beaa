package io.walstrata.layerstore.streams.internal;

import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Passes the records of the source to the store, and freezes its layers when no records come. */
public final class IngestProcessor implements Processor<byte[], byte[], Void, Void> {
  /** Interval at which a store that has failed is noticed without records. */
  private static final Duration CHECK = Duration.ofSeconds(5);

  private final String name;
  private final String storeName;
  private final Duration freezeIdle;

  private @Nullable ProcessorContext<Void, Void> context;
  private @Nullable LayerStateStore store;

  /**
   * @param freezeIdle how long no record must come before open layers are frozen; zero for never
   */
  public IngestProcessor(String name, String storeName, Duration freezeIdle) {
    this.name = name;
    this.storeName = storeName;
    this.freezeIdle = freezeIdle;
  }

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    this.context = context;
    LayerStateStore opened = context.getStateStore(storeName);
    this.store = opened;
    context.schedule(CHECK, PunctuationType.WALL_CLOCK_TIME, nowMs -> check(opened));
    if (!freezeIdle.isZero()) {
      IdleWatch watch = new IdleWatch(freezeIdle);
      context.schedule(
          watch.interval(),
          PunctuationType.WALL_CLOCK_TIME,
          nowMs -> {
            if (opened.freezeIfIdle(watch, nowMs)) {
              context.commit();
            }
          });
    }
  }

  private void check(LayerStateStore opened) {
    try {
      opened.check();
    } catch (RuntimeException e) {
      throw KafkaInternals.unhandleable(name, e);
    }
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (context == null || store == null) {
      throw new IllegalStateException("init must be called before process");
    }
    try {
      if (store.process(SourceRecords.raw(context, record))) {
        // Not needed for correctness: it keeps the group's offset near what layers cover, so that a
        // restart reads few records twice.
        context.commit();
      }
    } catch (RuntimeException e) {
      throw KafkaInternals.unhandleable(name, e);
    }
  }
}
