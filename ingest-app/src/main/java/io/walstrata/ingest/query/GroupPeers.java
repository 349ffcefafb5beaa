package io.walstrata.ingest.query;

import io.walstrata.ingest.http.Peers;
import io.walstrata.layerstore.ReadAnswer;
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

/** The other instances of the job, as this one knows them from its last assignment. */
public final class GroupPeers implements Peers {
  private final Supplier<@Nullable KafkaStreams> streams;
  private final Supplier<Set<TopicPartition>> held;
  private volatile @Nullable HostInfo ownAddress;
  private volatile Set<TopicPartition> all = Set.of();

  /**
   * @param streams gives null before the job runs
   * @param held gives the partitions that are here. The group's metadata cannot be used for that:
   *     of two instances with the same address it has the partitions of both
   */
  public GroupPeers(Supplier<@Nullable KafkaStreams> streams, Supplier<Set<TopicPartition>> held) {
    this.streams = streams;
    this.held = held;
  }

  /**
   * Sets the address of this instance, before the job runs.
   *
   * @param address {@code host:port}
   */
  public void setAddress(String address) {
    ownAddress = HostInfo.buildFromEndpoint(address);
  }

  /**
   * Sets the partitions of the topics: before the job runs, and whenever there are more.
   *
   * @param partitions the number of partitions of each WAL topic
   */
  public void setPartitions(Map<String, Integer> partitions) {
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
  public ReadAnswer<View> view() {
    return instances().map(this::view);
  }

  private View view(Collection<StreamsMetadata> instances) {
    Set<TopicPartition> missing = new HashSet<>(all);
    missing.removeAll(held.get());
    List<String> others = new ArrayList<>();
    boolean hasStandbys = false;
    for (StreamsMetadata instance : instances) {
      HostInfo host = instance.hostInfo();
      hasStandbys |= !instance.standbyTopicPartitions().isEmpty();
      if (!host.equals(ownAddress) && !host.equals(HostInfo.unavailable())) {
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

  private ReadAnswer<Collection<StreamsMetadata>> instances() {
    KafkaStreams job = streams.get();
    if (job == null || !job.state().isRunningOrRebalancing()) {
      return new ReadAnswer.NotReady<>(
          "the job does not run: state=" + (job == null ? "starting" : job.state()));
    }
    try {
      return new ReadAnswer.Found<>(job.metadataForAllStreamsClients());
    } catch (IllegalStateException e) {
      return new ReadAnswer.NotReady<>("the job does not run: " + e.getMessage());
    }
  }

  private static String address(HostInfo host) {
    return (host.host().contains(":") ? "[" + host.host() + "]" : host.host()) + ":" + host.port();
  }
}
