package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.streams.internal.GuardedConsumer;
import io.walstrata.layerstore.streams.internal.PollMeter;
import io.walstrata.layerstore.streams.internal.TopicGuard;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Supplies the Kafka clients of a topology with layer stores. Their consumers never skip records of
 * their topics: a topic that loses records before they are ingested, or is deleted and created
 * again while the topology runs, stops it with a {@link HistoryGapException}. For the constructor
 * of {@code KafkaStreams}; {@link HistoryCheck} does the same before it runs. Each {@code
 * KafkaStreams} needs its own. For any thread.
 *
 * <p>Kafka Streams does not ask for a main consumer under {@code group.protocol=streams}: do not
 * use it. Topics without a layer store are read as without this class.
 */
public final class HistoryGuard implements KafkaClientSupplier {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private final TopicGuard guard;
  private final PollLimits limits;

  /**
   * Makes a guard with {@link PollLimits} for one stream thread.
   *
   * @param stores settings of the topology's stores
   */
  public HistoryGuard(Collection<StateStoreOptions> stores) {
    this(stores, PollLimits.ofHeap(Runtime.getRuntime().maxMemory(), 1));
  }

  /**
   * @param stores settings of the topology's stores
   * @param limits of each consumer
   */
  public HistoryGuard(Collection<StateStoreOptions> stores, PollLimits limits) {
    this.guard =
        new TopicGuard(
            stores.stream()
                .map(store -> new TopicGuard.GuardedTopic(store, store.running()))
                .toList());
    this.limits = limits;
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    Admin made = Admin.create(config);
    guard.setAdmin(made);
    return made;
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return guarded(config);
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return guarded(config);
  }

  /** Returns an unguarded consumer: global stores have no layers. */
  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Returns a guarded consumer. Its own reset policy is "none"; Kafka Streams applies the
   * configured one, which it has read from its own copy of the settings.
   */
  private Consumer<byte[], byte[]> guarded(Map<String, Object> config) {
    Map<String, Object> strict = new HashMap<>(config);
    strict.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    PollMeter meter = new PollMeter(limits.recordBytes());
    return new GuardedConsumer(
        new KafkaConsumer<>(strict, meter.keys(), meter.values()),
        meter,
        limits,
        guard,
        LOOK_AGAIN,
        System::nanoTime);
  }

  /**
   * Returns warnings of possible gaps: records that the topic has lost already and that are in no
   * durable layer yet, so that they are lost if this process ends. Empty when all is well.
   */
  public List<String> warnings() {
    return guard.warnings();
  }

  /**
   * Returns the next offset that a partition is read at, if all records before it are ingested.
   * Where markers of transactions or aborted records follow the last of them, which no store is
   * given, it is after those. Empty if it is not known.
   */
  public OptionalLong nextOffset(String topic, int partition) {
    return guard.nextOffset(new TopicPartition(topic, partition));
  }
}
