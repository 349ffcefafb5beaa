package io.walstrata.ingest.query;

import io.walstrata.ingest.http.NotReadyException;
import io.walstrata.ingest.http.Peers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/** The other instances of the job, as the group has told this one with its last assignment. */
public final class GroupPeers implements Peers {
  private final Supplier<@Nullable KafkaStreams> streams;
  private final Supplier<Set<TopicPartition>> held;
  private volatile @Nullable HostInfo self;
  private volatile Set<TopicPartition> all = Set.of();

  /**
   * @param streams gives null before the job runs
   * @param held gives the partitions that are here. Not what the group says of this instance: if
   *     two have the same address, that is both of them
   */
  public GroupPeers(Supplier<@Nullable KafkaStreams> streams, Supplier<Set<TopicPartition>> held) {
    this.streams = streams;
    this.held = held;
  }

  /**
   * Says who this instance is, before the job runs.
   *
   * @param address {@code host:port}
   */
  public void self(String address) {
    self = HostInfo.buildFromEndpoint(address);
  }

  /**
   * Says which partitions there are: before the job runs, and whenever there are more.
   *
   * @param partitions the number of partitions of each WAL topic
   */
  public void know(Map<String, Integer> partitions) {
    Set<TopicPartition> known = new HashSet<>();
    partitions.forEach(
        (topic, count) -> {
          for (int partition = 0; partition < count; partition++) {
            known.add(new TopicPartition(topic, partition));
          }
        });
    all = Set.copyOf(known);
  }

  @Override
  public View view() {
    Set<TopicPartition> missing = new HashSet<>(all);
    missing.removeAll(held.get());
    List<String> others = new ArrayList<>();
    boolean hasStandbys = false;
    for (StreamsMetadata instance : instances()) {
      HostInfo host = instance.hostInfo();
      hasStandbys |= !instance.standbyTopicPartitions().isEmpty();
      if (!host.equals(self) && !host.equals(HostInfo.unavailable())) {
        others.add(address(host));
        missing.removeAll(instance.topicPartitions());
        missing.removeAll(instance.standbyTopicPartitions());
      }
    }
    others.sort(null);
    Set<String> names = new TreeSet<>();
    missing.forEach(partition -> names.add(partition.toString()));
    return new View(others, List.copyOf(names), hasStandbys);
  }

  private Collection<StreamsMetadata> instances() {
    KafkaStreams job = streams.get();
    if (job == null || !job.state().isRunningOrRebalancing()) {
      throw new NotReadyException(
          "the job does not run: state=" + (job == null ? "starting" : job.state()));
    }
    try {
      return job.metadataForAllStreamsClients();
    } catch (IllegalStateException e) {
      throw new NotReadyException("the job does not run: " + e.getMessage(), e);
    }
  }

  private static String address(HostInfo host) {
    return (host.host().contains(":") ? "[" + host.host() + "]" : host.host()) + ":" + host.port();
  }
}
