package io.walstrata.ingest.status;

import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.Health;
import io.walstrata.ingest.http.NotReadyException;
import io.walstrata.ingest.http.Peers;
import io.walstrata.ingest.query.StoreReads;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.jspecify.annotations.Nullable;

/** What the instance tells of itself, put together whenever it is asked for. Thread-safe. */
public final class JobView {
  private final String applicationId;
  private final StoreReads reads;
  private final RestoreProgress restores;
  private final Supplier<@Nullable KafkaStreams> streams;
  private final NextOffsets nextOffsets;
  private volatile @Nullable BrokerWatch broker;

  /** Where partitions are read, all records before being taken in; {@code HistoryGuard} knows. */
  public interface NextOffsets {
    OptionalLong of(String topic, int partition);
  }

  /**
   * @param streams gives null before the job runs
   */
  public JobView(
      String applicationId,
      StoreReads reads,
      RestoreProgress restores,
      Supplier<@Nullable KafkaStreams> streams,
      NextOffsets nextOffsets) {
    this.nextOffsets = nextOffsets;
    this.applicationId = applicationId;
    this.reads = reads;
    this.restores = restores;
    this.streams = streams;
  }

  /** Tells who looks at the broker, from when the job has begun. */
  void watching(BrokerWatch watch) {
    broker = watch;
  }

  public Optional<BrokerWatch.Outage> brokerOutage() {
    BrokerWatch watch = broker;
    return watch == null ? Optional.empty() : watch.outage();
  }

  /** Returns the partitions that can be asked at the moment, by topic and number. */
  public List<PartitionReading> partitions() {
    Map<TopicPartition, Long> committed = committed();
    List<PartitionReading> partitions = new ArrayList<>();
    for (StoreReads.StoreReading reading : reads.readings()) {
      String topic = reading.status().topic();
      int partition = reading.status().partition();
      long next =
          Math.max(
              committed.getOrDefault(new TopicPartition(topic, partition), -1L),
              nextOffsets.of(topic, partition).orElse(-1));
      partitions.add(
          new PartitionReading(
              reading.status(),
              reading.timelines(),
              endOffset(topic, partition),
              next < 0 ? OptionalLong.empty() : OptionalLong.of(next),
              restores.of(topic, partition)));
    }
    partitions.sort(
        Comparator.comparing((PartitionReading each) -> each.status().topic())
            .thenComparing(each -> each.status().partition()));
    return partitions;
  }

  private OptionalLong endOffset(String topic, int partition) {
    BrokerWatch watch = broker;
    return watch == null ? OptionalLong.empty() : watch.endOffset(topic, partition);
  }

  private Map<TopicPartition, Long> committed() {
    Map<TopicPartition, Long> committed = new HashMap<>();
    KafkaStreams job = streams.get();
    if (job != null) {
      for (ThreadMetadata thread : job.metadataForLocalThreads()) {
        for (TaskMetadata task : thread.activeTasks()) {
          committed.putAll(task.committedOffsets());
        }
      }
    }
    return committed;
  }

  /** Returns the partitions whose stores are here. */
  public Set<TopicPartition> held() {
    Set<TopicPartition> held =
        new TreeSet<>(
            Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
    for (LayerStoreStatus status : reads.knownStatuses()) {
      held.add(new TopicPartition(status.topic(), status.partition()));
    }
    return held;
  }

  /** Returns the bytes that were restored of a partition since its store was opened. */
  long restoredBytes(TopicPartition partition) {
    return reads.knownStatuses().stream()
        .filter(
            status ->
                status.topic().equals(partition.topic())
                    && status.partition() == partition.partition())
        .mapToLong(status -> status.counters().restoredBytes())
        .findFirst()
        .orElse(-1);
  }

  /** Returns all of it, for {@code GET /v1/status}. */
  public Answers.Status status(@Nullable String instance, Health.Report health, Peers peers) {
    List<String> others;
    try {
      others = peers.view().others();
    } catch (NotReadyException e) {
      others = List.of();
    }
    return new Answers.Status(
        instance,
        applicationId,
        health.state(),
        health.reasons(),
        others,
        partitions().stream().map(JobView::toJson).toList());
  }

  private static Answers.Partition toJson(PartitionReading of) {
    return new Answers.Partition(
        of.status().topic(),
        of.status().partition(),
        orNull(of.status().ingestedOffset()),
        orNull(of.status().durableOffset()),
        orNull(of.endOffset()),
        orNull(of.lag()),
        of.status().counters().versions(),
        of.status().counters().badByReason().values().stream().mapToLong(n -> n).sum(),
        of.status().flushFailure().orElse(null),
        of.restore()
            .map(restore -> toJson(restore, of.status().counters().restoredBytes()))
            .orElse(null));
  }

  private static Answers.Restore toJson(RestoreProgress.Restore restore, long bytes) {
    return new Answers.Restore(
        restore.records(),
        bytes,
        restore.remaining(),
        restore.perSecond(restore.records()),
        restore.perSecond(bytes),
        orNull(restore.etaSeconds()));
  }

  private static @Nullable Long orNull(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }
}
