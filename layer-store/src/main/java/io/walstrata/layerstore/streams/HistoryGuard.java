package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.LayerStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.jspecify.annotations.Nullable;

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
  private static final int ADMIN_TIMEOUT_MS = 5_000;
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
  private static final ListOffsetsResultInfo NO_OFFSET =
      new ListOffsetsResultInfo(-1, -1, Optional.empty());

  private final Map<String, StateStoreOptions> stores = new HashMap<>();
  private final ReadLimits limits;
  private final Map<TopicPartition, String> warnings = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Long> positions = new ConcurrentHashMap<>();

  /** Ids that were compared with those noted beside the layers, and are the same. */
  private final Map<String, Uuid> checkedIds = new ConcurrentHashMap<>();

  private volatile @Nullable Admin admin;

  /**
   * Makes a guard with {@link ReadLimits} for one stream thread.
   *
   * @param stores settings of the topology's stores
   */
  public HistoryGuard(Collection<StateStoreOptions> stores) {
    this(stores, ReadLimits.ofHeap(Runtime.getRuntime().maxMemory(), 1));
  }

  /**
   * @param stores settings of the topology's stores
   * @param limits of each consumer
   */
  public HistoryGuard(Collection<StateStoreOptions> stores, ReadLimits limits) {
    stores.forEach(store -> this.stores.put(store.topic(), store));
    this.limits = limits;
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    Admin made = Admin.create(config);
    admin = made;
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
        this,
        LOOK_AGAIN,
        System::nanoTime);
  }

  /**
   * Returns warnings of possible gaps: records that the topic has lost already and that are in no
   * durable layer yet, so that they are lost if this process ends. Empty when all is well.
   */
  public List<String> warnings() {
    return List.copyOf(warnings.values());
  }

  /**
   * Returns the next offset that a partition is read at, if all records before it are ingested.
   * Where markers of transactions or aborted records follow the last of them, which no store is
   * given, it is after those. Empty if it is not known.
   */
  public OptionalLong nextOffset(String topic, int partition) {
    Long next = positions.get(new TopicPartition(topic, partition));
    return next == null ? OptionalLong.empty() : OptionalLong.of(next);
  }

  void reportPosition(TopicPartition partition, long next) {
    positions.put(partition, next);
  }

  void forgetPosition(TopicPartition partition) {
    positions.remove(partition);
  }

  boolean isGuarded(TopicPartition partition) {
    return stores.containsKey(partition.topic());
  }

  private StateStoreOptions store(String topic) {
    StateStoreOptions store = stores.get(topic);
    if (store == null) {
      throw new IllegalArgumentException("not a topic with layers: topic=" + topic);
    }
    return store;
  }

  private Optional<OpenStore> running(TopicPartition partition) {
    return store(partition.topic()).running().get(partition.partition());
  }

  /**
   * Returns the last offset that the store has ingested, -1 for none; {@link Long#MAX_VALUE} if no
   * store is open, so that nothing waits for it.
   */
  long takenOffset(TopicPartition partition) {
    return running(partition)
        .map(open -> open.ingest().ingestedOffset().orElse(-1))
        .orElse(Long.MAX_VALUE);
  }

  /** Returns whether the store is open and its home had never had layers when it was opened. */
  boolean isNewHistory(TopicPartition partition) {
    return running(partition).map(OpenStore::isNewHistory).orElse(false);
  }

  /**
   * Returns the last offset that layers cover, -1 for none; empty if there are no layers here. A
   * store that owns its home knows it; otherwise the manifest is read.
   */
  private OptionalLong covered(TopicPartition partition) {
    Optional<OpenStore> owner = running(partition).filter(open -> open.ingest().isClaimed());
    if (owner.isPresent()) {
      return OptionalLong.of(owner.get().engine().durableOffset().orElse(-1));
    }
    try {
      return LayerStore.coveredOffset(store(partition.topic()).home(partition.partition()));
    } catch (IOException e) {
      throw new ProcessorStateException(
          "cannot read the manifest: "
              + HistoryGapException.where(partition)
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Checks that a consumer may begin where the topic does.
   *
   * @throws HistoryGapException if layers end before that
   */
  void checkBeginning(TopicPartition partition, long start) {
    OptionalLong covered = covered(partition);
    if (covered.isPresent() && start > covered.getAsLong() + 1) {
      throw lost(partition, covered.getAsLong(), start);
    }
  }

  /**
   * Returns the offset at which to continue a partition whose next offset the topic does not have.
   *
   * <p>That next offset is the group's, which outlives the layers. Where there are none, because
   * they were moved away or never were here, it does not mean that anything is missing: history
   * begins where the topic does.
   *
   * @throws HistoryGapException if that leaves a gap
   */
  long reposition(TopicPartition partition, long position, long start, long end) {
    if (position > end) {
      return beforeEnd(partition, position, start, end);
    }
    if (position >= start) {
      return position; // it was not there for a moment
    }
    OptionalLong covered = covered(partition);
    if (covered.isPresent() && start > covered.getAsLong() + 1) {
      throw lost(partition, covered.getAsLong(), start);
    }
    return start;
  }

  private long beforeEnd(TopicPartition partition, long position, long start, long end) {
    long next = 1 + takenOffset(partition);
    if (!isNewHistory(partition) || next > end) {
      throw new HistoryGapException(
          HistoryGapException.ended(partition, position, end, directory(partition)));
    }
    if (next < start && next > 0) {
      throw lost(partition, next - 1, start);
    }
    return Math.max(next, start);
  }

  HistoryGapException lost(TopicPartition partition, long covered, long start) {
    return new HistoryGapException(
        HistoryGapException.lost(partition, covered, start, directory(partition)));
  }

  private String directory(TopicPartition partition) {
    return ", directory=" + store(partition.topic()).home(partition.partition()).location();
  }

  /**
   * Checks that topics are those that the layers were made from.
   *
   * @throws HistoryGapException if one is not, or is gone
   * @throws TimeoutException if the broker does not answer
   */
  void checkTopics(Set<String> topics) {
    describe(topics).forEach(this::checkTopic);
  }

  private Map<String, KafkaFuture<TopicDescription>> describe(Set<String> topics) {
    List<String> guarded = topics.stream().filter(stores::containsKey).toList();
    return client()
        .describeTopics(guarded, new DescribeTopicsOptions().timeoutMs(ADMIN_TIMEOUT_MS))
        .topicNameValues();
  }

  private Admin client() {
    Admin client = admin;
    if (client == null) {
      throw new IllegalStateException("no admin client: KafkaStreams asks for it first");
    }
    return client;
  }

  /** Requests to the broker that may not be answered yet. */
  static final class Look {
    private final Map<String, KafkaFuture<TopicDescription>> topics;
    private final Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> starts = new HashMap<>();

    private Look(Map<String, KafkaFuture<TopicDescription>> topics) {
      this.topics = topics;
    }

    boolean isDone() {
      return topics.values().stream().allMatch(KafkaFuture::isDone)
          && starts.values().stream().allMatch(KafkaFuture::isDone);
    }
  }

  /** Requests the topics' ids and the partitions' start offsets; does not wait. */
  Look look(Set<String> topics, Set<TopicPartition> partitions) {
    Look look = new Look(describe(topics));
    Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
    partitions.forEach(partition -> earliest.put(partition, OffsetSpec.earliest()));
    ListOffsetsResult starts =
        client().listOffsets(earliest, new ListOffsetsOptions().timeoutMs(ADMIN_TIMEOUT_MS));
    partitions.forEach(each -> look.starts.put(each, starts.partitionResult(each)));
    return look;
  }

  /**
   * Compares what the broker has answered with the layers.
   *
   * @return warnings that are new; see {@link #warnings}
   * @throws HistoryGapException if a topic is not the one that the layers were made from
   */
  List<String> finish(Look look) {
    look.topics.forEach(this::checkTopic);
    Map<TopicPartition, Long> starts = new HashMap<>();
    look.starts.forEach(
        (partition, answer) -> {
          long start = answer.isCompletedExceptionally() ? -1 : startOf(answer);
          if (start >= 0) {
            starts.put(partition, start);
          }
        });
    return lookAhead(starts);
  }

  private static long startOf(KafkaFuture<ListOffsetsResultInfo> answer) {
    try {
      return answer.getNow(NO_OFFSET).offset();
    } catch (InterruptedException | ExecutionException e) {
      return -1; // it is done, and not with an exception
    }
  }

  private void checkTopic(String topic, KafkaFuture<TopicDescription> answer) {
    try {
      Uuid id = answer.get().topicId();
      if (id.equals(checkedIds.get(topic))) {
        return;
      }
      TopicIds.check(store(topic), id)
          .ifPresent(
              fault -> {
                throw new HistoryGapException(fault);
              });
      checkedIds.put(topic, id);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new HistoryGapException(
            "the topic was deleted while it was ingested. Bring it back, or move its layers away to"
                + " start again with another: topic="
                + topic
                + ", directory="
                + store(topic).homes().location(topic));
      }
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    } catch (IOException e) {
      throw new ProcessorStateException("cannot read the topic's id: topic=" + topic, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  /** Compares where topics begin with what layers cover, for {@link #warnings}. */
  List<String> lookAhead(Map<TopicPartition, Long> starts) {
    List<String> added = new ArrayList<>();
    starts.forEach(
        (partition, start) -> {
          // Before its first record a store has nothing that could be lost with this process.
          boolean isIdle = running(partition).map(open -> !open.ingest().isClaimed()).orElse(false);
          OptionalLong covered = isIdle ? OptionalLong.empty() : covered(partition);
          if (covered.isPresent() && start > covered.getAsLong() + 1) {
            String warning =
                "the topic has lost records that are in no durable layer yet; if this process ends"
                    + " before the next freeze point, history has a gap: "
                    + HistoryGapException.where(partition)
                    + ", lastCoveredOffset="
                    + covered.getAsLong()
                    + ", topicStartOffset="
                    + start;
            if (!warning.equals(warnings.put(partition, warning))) {
              added.add(warning);
            }
          } else {
            warnings.remove(partition);
          }
        });
    return added;
  }
}
