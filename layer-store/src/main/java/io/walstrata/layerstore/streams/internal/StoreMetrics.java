package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.WriteStats;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.MeasurableStat;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.StateStoreContext;

/**
 * Adds the store's status to the metrics of Kafka Streams: group {@value #GROUP}, tags {@code
 * task-id} and {@code store}. Nothing is recorded per record; a metric is computed when it is read.
 */
final class StoreMetrics {
  static final String GROUP = "walstrata-layer-store-metrics";

  /** Kafka's own metrics show bytes and restores, and late records stand for their versions. */
  private static final Set<IngestCounter> ELSEWHERE =
      EnumSet.of(
          IngestCounter.BYTES,
          IngestCounter.RESTORED_RECORDS,
          IngestCounter.RESTORED_BYTES,
          IngestCounter.LATE_VERSIONS);

  private final StreamsMetrics metrics;
  private final Sensor sensor;

  private StoreMetrics(StreamsMetrics metrics, Sensor sensor) {
    this.metrics = metrics;
    this.sensor = sensor;
  }

  static StoreMetrics register(
      StateStoreContext context, String storeName, Supplier<LayerStoreStatus> status) {
    String taskId = context.taskId().toString();
    // The thread keeps names apart when a task moves from one thread to another.
    Sensor sensor =
        context
            .metrics()
            .addSensor(
                "walstrata." + Thread.currentThread().getId() + "." + taskId + "." + storeName,
                Sensor.RecordingLevel.INFO);
    Map<String, String> tags = Map.of("task-id", taskId, "store", storeName);
    for (Gauge gauge : gauges()) {
      sensor.add(
          new MetricName(gauge.name, GROUP, gauge.description, tags),
          new Reading(gauge.value, status));
    }
    return new StoreMetrics(context.metrics(), sensor);
  }

  void remove() {
    metrics.removeSensor(sensor);
  }

  private record Gauge(String name, String description, ToDoubleFunction<LayerStoreStatus> value) {}

  private static List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    gauges.add(
        new Gauge(
            "durable-offset",
            "Last offset that durable layers cover, -1 if none",
            s -> s.durableOffset().orElse(-1)));
    gauges.add(
        new Gauge(
            "ingested-offset",
            "Last offset that reads may see, -1 if none",
            s -> s.ingestedOffset().orElse(-1)));
    gauges.add(
        new Gauge(
            "flush-failing",
            "1 while frozen layers cannot be written",
            s -> s.flushFailure().isPresent() ? 1 : 0));
    gauges.add(
        new Gauge(
            "ingest-waiting",
            "1 while a record waits because the disk cannot be written",
            s -> s.ingestWaiting().isPresent() ? 1 : 0));
    gauges.add(writes("open-heap-bytes", "Heap of open layers", w -> w.openHeapBytes()));
    gauges.add(writes("frozen-heap-bytes", "Heap of frozen layers", w -> w.frozenHeapBytes()));
    gauges.add(writes("frozen-layers", "Layers that wait for files", w -> w.frozenLayers()));
    for (FreezeReason reason : FreezeReason.values()) {
      gauges.add(
          writes(
              "freezes-" + reason.text() + "-total",
              "Freeze points for this reason",
              w -> w.freezes().getOrDefault(reason, 0L)));
    }
    gauges.add(
        writes(
            "held-seconds-total",
            "Time for which the writer was held because layer files lag",
            w -> w.heldNanos() / 1e9));
    for (IngestCounter counter : IngestCounter.values()) {
      if (!ELSEWHERE.contains(counter)) {
        gauges.add(counter(counter));
      }
    }
    return gauges;
  }

  private static Gauge writes(String name, String what, ToDoubleFunction<WriteStats> value) {
    return new Gauge(name, what, s -> value.applyAsDouble(s.writes()));
  }

  private static Gauge counter(IngestCounter counter) {
    return new Gauge(
        counter.text("-") + "-total",
        counter.description() + " since the store was opened",
        s -> s.counters().get(counter));
  }

  /** Wraps a gauge as a statistic: the public metrics interface takes nothing else. */
  private record Reading(
      ToDoubleFunction<LayerStoreStatus> value, Supplier<LayerStoreStatus> status)
      implements MeasurableStat {
    @Override
    public double measure(MetricConfig config, long now) {
      return value.applyAsDouble(status.get());
    }

    @Override
    public void record(MetricConfig config, double value, long timeMs) {}
  }
}
