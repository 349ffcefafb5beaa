package io.walstrata.ingest.status;

import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.Health;
import io.walstrata.ingest.http.Peers;
import io.walstrata.ingest.query.StoreReads;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.jspecify.annotations.Nullable;

/** The state of this instance's partitions, read whenever it is asked for. Thread-safe. */
public final class JobView {
  private final String applicationId;
  private final String address;
  private final StoreReads reads;
  private final RestoreProgress restores;
  private final KafkaStreams streams;
  private final Offsets nextOffsets;
  private final Offsets endOffsets;

  /** An offset of each partition. */
  public interface Offsets {
    /** Returns the offset of a partition; empty if it is not known. */
    OptionalLong of(String topic, int partition);
  }

  /**
   * @param address where other instances reach this one
   * @param nextOffsets those to read next, where all records before are ingested
   * @param endOffsets those after the last committed records
   */
  public JobView(
      String applicationId,
      String address,
      StoreReads reads,
      RestoreProgress restores,
      KafkaStreams streams,
      Offsets nextOffsets,
      Offsets endOffsets) {
    this.applicationId = applicationId;
    this.address = address;
    this.reads = reads;
    this.restores = restores;
    this.streams = streams;
    this.nextOffsets = nextOffsets;
    this.endOffsets = endOffsets;
  }

  /** Returns the partitions that can be asked at the moment, by topic and number. */
  public List<PartitionReading> partitions() {
    return partitions(reads.readings());
  }

  private List<PartitionReading> withoutTimelines() {
    return partitions(
        reads.statuses().known().stream()
            .map(status -> new StoreReads.StoreReading(status, List.of()))
            .toList());
  }

  private List<PartitionReading> partitions(List<StoreReads.StoreReading> readings) {
    Map<TopicPartition, Long> committed = committed();
    List<PartitionReading> partitions = new ArrayList<>();
    for (StoreReads.StoreReading reading : readings) {
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
              endOffsets.of(topic, partition),
              next < 0 ? OptionalLong.empty() : OptionalLong.of(next),
              restores.of(topic, partition)));
    }
    partitions.sort(
        Comparator.comparing((PartitionReading each) -> each.status().topic())
            .thenComparing(each -> each.status().partition()));
    return partitions;
  }

  private Map<TopicPartition, Long> committed() {
    Map<TopicPartition, Long> committed = new HashMap<>();
    for (ThreadMetadata thread : streams.metadataForLocalThreads()) {
      for (TaskMetadata task : thread.activeTasks()) {
        committed.putAll(task.committedOffsets());
      }
    }
    return committed;
  }

  /** Returns the partitions whose stores are here. */
  public Set<TopicPartition> held() {
    Set<TopicPartition> held =
        new TreeSet<>(
            Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
    for (LayerStoreStatus status : reads.statuses().known()) {
      held.add(new TopicPartition(status.topic(), status.partition()));
    }
    return held;
  }

  /** Returns the bytes that were restored of a partition since its store was opened. */
  long restoredBytes(TopicPartition partition) {
    return reads.statuses().known().stream()
        .filter(
            status ->
                status.topic().equals(partition.topic())
                    && status.partition() == partition.partition())
        .mapToLong(status -> status.counters().get(IngestCounter.RESTORED_BYTES))
        .findFirst()
        .orElse(-1);
  }

  /** Returns the answer to {@code GET /v1/status} of a job that does not run yet. */
  public static Answers.Status starting(String applicationId, Health.Report health) {
    return new Answers.Status(
        null, applicationId, health.state(), health.reasons(), List.of(), List.of());
  }

  /** Returns all of it, for {@code GET /v1/status}. */
  public Answers.Status status(Health.Report health, Peers peers) {
    return new Answers.Status(
        address,
        applicationId,
        health.state(),
        health.reasons(),
        peers.view().fold(Peers.View::others, none -> List.of()),
        withoutTimelines().stream().map(JobView::toJson).toList());
  }

  private static Answers.Partition toJson(PartitionReading of) {
    return new Answers.Partition(
        of.status().topic(),
        of.status().partition(),
        orNull(of.status().ingestedOffset()),
        orNull(of.status().durableOffset()),
        orNull(of.endOffset()),
        orNull(of.lag()),
        of.status().counters().get(IngestCounter.VERSIONS),
        of.status().counters().badByReason().values().stream().mapToLong(n -> n).sum(),
        of.status().flushFailure().orElse(null),
        of.restore()
            .map(
                restore ->
                    toJson(restore, of.status().counters().get(IngestCounter.RESTORED_BYTES)))
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
