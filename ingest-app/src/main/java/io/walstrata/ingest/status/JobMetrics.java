package io.walstrata.ingest.status;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.Closeable;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/**
 * The instance's metrics for Prometheus: its own, those of Kafka Streams and its clients, and the
 * JVM's. Any thread may scrape.
 */
public final class JobMetrics implements Closeable {
  /** How soon new and removed meters of Kafka's clients are noticed. */
  private static final Duration KAFKA_REFRESH = Duration.ofSeconds(10);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Supplier<List<PartitionReading>> partitions;
  private final ReadMeters reads;
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Map<TopicPartition, PartitionMeters> meters = new HashMap<>(); // guarded by this
  private @Nullable KafkaStreamsMetrics kafka; // guarded by this
  private boolean isJvmBound; // guarded by this
  private boolean isKafkaBound; // guarded by this

  /**
   * The gauges that are 0 or 1.
   *
   * @param isLive as in {@code /health/live}
   * @param isReady as in {@code /health/ready}
   * @param isBrokerUp whether a broker answered the last time
   * @param isRegistryUp whether the registry answered the last time
   */
  public record Signals(
      BooleanSupplier isLive,
      BooleanSupplier isReady,
      BooleanSupplier isBrokerUp,
      BooleanSupplier isRegistryUp) {}

  /**
   * @param partitions called once per scrape
   */
  public JobMetrics(Supplier<List<PartitionReading>> partitions, Signals signals) {
    this.partitions = partitions;
    // The store's sensors have the same values as the meters here, for those who read JMX.
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("kafka.walstrata"));
    reads = new ReadMeters(registry);
    Gauge.builder("walstrata.build.info", () -> 1)
        .description("Always 1; its labels are the versions of Walstrata and Java")
        .tag("version", version())
        .tag("java", System.getProperty("java.runtime.version", "unknown"))
        .strongReference(true)
        .register(registry);
    signal("live", "1 unless only a new process helps", signals.isLive());
    signal("ready", "1 while every partition answers reads", signals.isReady());
    signal("broker.up", "1 unless no broker answers", signals.isBrokerUp());
    signal("registry.up", "1 unless the schema registry is away", signals.isRegistryUp());
  }

  private static String version() {
    String version = JobMetrics.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Returns what counts the reads over HTTP. */
  public ReadMeters reads() {
    return reads;
  }

  private void signal(String name, String description, BooleanSupplier value) {
    Gauge.builder("walstrata." + name, value, v -> v.getAsBoolean() ? 1 : 0)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  /**
   * Adds the metrics of Kafka Streams and of its clients.
   *
   * @param scheduler finds new ones; stays the caller's to close
   */
  public synchronized void addKafka(KafkaStreams streams, ScheduledExecutorService scheduler) {
    kafka = new KafkaStreamsMetrics(streams, List.of(), scheduler, KAFKA_REFRESH);
  }

  /**
   * Adds the meters of the JVM and of Kafka: hundreds, for which a start need not wait. Those of
   * the garbage collector count from now on.
   */
  private void bindOthers() {
    if (!isJvmBound) {
      isJvmBound = true;
      new JvmInfoMetrics().bindTo(registry);
      new JvmMemoryMetrics().bindTo(registry);
      new JvmThreadMetrics().bindTo(registry);
      gc.bindTo(registry);
      new ProcessorMetrics().bindTo(registry);
      new FileDescriptorMetrics().bindTo(registry);
      new UptimeMetrics().bindTo(registry);
    }
    KafkaStreamsMetrics binder = kafka;
    if (binder != null && !isKafkaBound) {
      isKafkaBound = true;
      binder.bindTo(registry);
    }
  }

  /** Returns all meters in Prometheus' text format, of the partitions that are here now. */
  public synchronized String scrape() {
    bindOthers();
    Set<TopicPartition> gone = new HashSet<>(meters.keySet());
    for (PartitionReading reading : partitions.get()) {
      TopicPartition partition =
          new TopicPartition(reading.status().topic(), reading.status().partition());
      PartitionMeters known = meters.get(partition);
      if (known == null) {
        meters.put(partition, new PartitionMeters(registry, reading));
      } else {
        known.update(reading);
      }
      gone.remove(partition);
    }
    for (TopicPartition partition : gone) {
      PartitionMeters of = meters.remove(partition);
      if (of != null) {
        of.remove();
      }
    }
    return registry.scrape();
  }

  @Override
  public synchronized void close() {
    KafkaStreamsMetrics binder = kafka;
    if (binder != null) {
      binder.close();
    }
    gc.close();
    registry.close();
  }
}
