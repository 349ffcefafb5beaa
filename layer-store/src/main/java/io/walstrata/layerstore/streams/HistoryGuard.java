package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.LayerStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.jspecify.annotations.Nullable;

/**
 * Kafka clients for a topology with layer stores, whose consumers never jump over records of their
 * topics: a topic that loses records before they are ingested, or is deleted and made anew while
 * the topology runs, stops it with a {@link HistoryGapException}. For the constructor of {@code
 * KafkaStreams}; {@link HistoryCheck} does the same before it runs. One for each {@code
 * KafkaStreams}; for any thread.
 *
 * <p>Kafka Streams does not ask for a main consumer under {@code group.protocol=streams}: do not
 * use it. Topics without a layer store are read as without this class.
 */
public final class HistoryGuard implements KafkaClientSupplier {
  private static final int ADMIN_TIMEOUT_MS = 5_000;
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private final Map<String, LayerStoresOptions> stores = new HashMap<>();
  private final Map<TopicPartition, String> warnings = new ConcurrentHashMap<>();
  private volatile @Nullable Admin admin;

  /**
   * @param stores settings of the topology's stores
   */
  public HistoryGuard(Collection<LayerStoresOptions> stores) {
    stores.forEach(store -> this.stores.put(store.topic(), store));
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

  /** The topology's global stores have nothing to do with layers. */
  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Kafka Streams has taken the reset policy from its own copy of the settings by then. */
  private Consumer<byte[], byte[]> guarded(Map<String, Object> config) {
    Map<String, Object> strict = new HashMap<>(config);
    strict.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    return new GuardedConsumer(strict, this, LOOK_AGAIN);
  }

  /**
   * Returns what may become a gap: records that the topic has lost already and that are in no
   * durable layer yet, so that they go with this process. Empty when all is well.
   */
  public List<String> warnings() {
    return List.copyOf(warnings.values());
  }

  boolean isGuarded(TopicPartition partition) {
    return stores.containsKey(partition.topic());
  }

  private LayerStoresOptions store(String topic) {
    LayerStoresOptions store = stores.get(topic);
    if (store == null) {
      throw new IllegalArgumentException("not a topic with layers: topic=" + topic);
    }
    return store;
  }

  /** Returns the last offset that layers cover, -1 for none; empty if there are no layers here. */
  private OptionalLong covered(TopicPartition partition) {
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
   * Says where to go on with a partition whose next offset the topic does not have.
   *
   * @throws HistoryGapException if that leaves a hole
   */
  long reposition(TopicPartition partition, long position, long start, long end) {
    if (position > end) {
      throw new HistoryGapException(
          HistoryGapException.ended(partition, position, end, directory(partition)));
    }
    if (position >= start) {
      return position; // it was not there for a moment
    }
    OptionalLong covered = covered(partition);
    if (covered.isEmpty() || start > covered.getAsLong() + 1) {
      throw lost(partition, covered.orElse(position - 1), start);
    }
    return start;
  }

  HistoryGapException lost(TopicPartition partition, long covered, long start) {
    return new HistoryGapException(
        HistoryGapException.lost(partition, covered, start, directory(partition)));
  }

  private String directory(TopicPartition partition) {
    return ", directory=" + store(partition.topic()).partitionHome(partition.partition());
  }

  /**
   * Checks that topics are those that the layers were made from.
   *
   * @throws HistoryGapException if one is not, or is gone
   * @throws TimeoutException if the broker does not say
   */
  void checkTopics(Set<String> topics) {
    Admin client = admin;
    if (client == null) {
      throw new IllegalStateException("no admin client: KafkaStreams asks for it first");
    }
    List<String> guarded = topics.stream().filter(stores::containsKey).toList();
    DescribeTopicsOptions options = new DescribeTopicsOptions().timeoutMs(ADMIN_TIMEOUT_MS);
    for (Map.Entry<String, KafkaFuture<TopicDescription>> each :
        client.describeTopics(guarded, options).topicNameValues().entrySet()) {
      checkTopic(each.getKey(), each.getValue());
    }
  }

  private void checkTopic(String topic, KafkaFuture<TopicDescription> answer) {
    try {
      TopicIds.check(store(topic), answer.get().topicId())
          .ifPresent(
              fault -> {
                throw new HistoryGapException(fault);
              });
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new HistoryGapException(
            "the topic was deleted while it was ingested. Bring it back, or move its layers away to"
                + " start anew with another: topic="
                + topic
                + ", directory="
                + store(topic).layersHome().resolve(topic));
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
          OptionalLong covered = covered(partition);
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
