package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.streams.HistoryGapException;
import io.walstrata.layerstore.streams.HistoryGuard;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.io.IOException;
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
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.jspecify.annotations.Nullable;

/**
 * Decides for the consumers of a topology where they may continue, so that none of them jumps over
 * records of a topic with layers; see {@link HistoryGuard}. For any thread.
 */
public final class TopicGuard {
  private static final int ADMIN_TIMEOUT_MS = 5_000;
  private static final ListOffsetsResultInfo NO_OFFSET =
      new ListOffsetsResultInfo(-1, -1, Optional.empty());

  private final Map<String, GuardedTopic> topics = new HashMap<>();
  private final Map<TopicPartition, String> warnings = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Long> positions = new ConcurrentHashMap<>();

  /** Ids that were compared with the layers' notes and are the same. */
  private final Map<String, Uuid> checkedIds = new ConcurrentHashMap<>();

  private volatile @Nullable Admin admin;

  /**
   * A topic with layers.
   *
   * @param running its stores that are open in this process
   */
  public record GuardedTopic(StateStoreOptions options, RunningStores running) {}

  public TopicGuard(Collection<GuardedTopic> topics) {
    topics.forEach(topic -> this.topics.put(topic.options().topic(), topic));
  }

  /** Sets the client that asks the broker; the caller closes it. */
  public void setAdmin(Admin admin) {
    this.admin = admin;
  }

  /** Returns the warnings of {@link HistoryGuard#warnings}. */
  public List<String> warnings() {
    return List.copyOf(warnings.values());
  }

  /** Returns the offset of {@link HistoryGuard#nextOffset}. */
  public OptionalLong nextOffset(TopicPartition partition) {
    Long next = positions.get(partition);
    return next == null ? OptionalLong.empty() : OptionalLong.of(next);
  }

  void reportPosition(TopicPartition partition, long next) {
    positions.put(partition, next);
  }

  void forgetPosition(TopicPartition partition) {
    positions.remove(partition);
  }

  boolean isGuarded(TopicPartition partition) {
    return topics.containsKey(partition.topic());
  }

  private GuardedTopic topic(String name) {
    GuardedTopic topic = topics.get(name);
    if (topic == null) {
      throw new IllegalArgumentException("not a topic with layers: topic=" + name);
    }
    return topic;
  }

  private StateStoreOptions store(String topic) {
    return topic(topic).options();
  }

  private Optional<OpenStore> running(TopicPartition partition) {
    return topic(partition.topic()).running().get(partition.partition());
  }

  /**
   * Returns the last offset that the store has taken in, -1 for none; the largest there is if no
   * store is open, and so nothing waits for it.
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
          "cannot read the manifest: " + HistoryGaps.where(partition) + ": " + e.getMessage(), e);
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
   * Says where to continue with a partition whose next offset the topic does not have.
   *
   * <p>The offset is the group's, which outlives the layers. Where there are none, because they
   * were moved away or never were here, it says nothing about what is missing: history begins where
   * the topic does.
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
          HistoryGaps.ended(partition, position, end, directory(partition)));
    }
    if (next < start && next > 0) {
      throw lost(partition, next - 1, start);
    }
    return Math.max(next, start);
  }

  HistoryGapException lost(TopicPartition partition, long covered, long start) {
    return new HistoryGapException(
        HistoryGaps.lost(partition, covered, start, directory(partition)));
  }

  private String directory(TopicPartition partition) {
    return ", directory=" + store(partition.topic()).home(partition.partition()).location();
  }

  /**
   * Checks that topics are those that the layers were made from.
   *
   * @throws HistoryGapException if one is not, or is gone
   * @throws TimeoutException if the broker does not say
   */
  void checkTopics(Set<String> topics) {
    describe(topics).forEach(this::checkTopic);
  }

  private Map<String, KafkaFuture<TopicDescription>> describe(Set<String> topics) {
    List<String> guarded = topics.stream().filter(this.topics::containsKey).toList();
    return client()
        .describeTopics(guarded, new DescribeTopicsOptions().timeoutMs(ADMIN_TIMEOUT_MS))
        .topicNameValues();
  }

  private Admin client() {
    Admin client = admin;
    if (client == null) {
      throw new IllegalStateException("no admin client yet: KafkaStreams must ask first");
    }
    return client;
  }

  /** What the broker was asked, and may not have answered yet. */
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

  /** Asks for topics, and where partitions begin; does not wait. */
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
   * @return warnings that are new; see {@link HistoryGuard#warnings}
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

  /** Compares where topics begin with what layers cover, for {@link HistoryGuard#warnings}. */
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
                    + HistoryGaps.where(partition)
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
