package io.walstrata.ingest.query;

import io.walstrata.ingest.http.Peers;
import io.walstrata.layerstore.ReadAnswer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.state.HostInfo;

/** The other instances of the job, as this one knows them from its last assignment. */
public final class GroupPeers implements Peers {
  private final KafkaStreams streams;
  private final HostInfo self;
  private final Supplier<Set<TopicPartition>> all;
  private final Supplier<Set<TopicPartition>> held;

  /**
   * @param address of this instance, {@code host:port}
   * @param all gives the partitions of the WAL topics
   * @param held gives the partitions that are here. The group's metadata cannot be used for that:
   *     of two instances with the same address it has the partitions of both
   */
  public GroupPeers(
      KafkaStreams streams,
      String address,
      Supplier<Set<TopicPartition>> all,
      Supplier<Set<TopicPartition>> held) {
    this.streams = streams;
    this.self = HostInfo.buildFromEndpoint(address);
    this.all = all;
    this.held = held;
  }

  @Override
  public ReadAnswer<View> view() {
    return instances().map(this::view);
  }

  private View view(Collection<StreamsMetadata> instances) {
    Set<TopicPartition> missing = new HashSet<>(all.get());
    missing.removeAll(held.get());
    List<String> others = new ArrayList<>();
    boolean hasStandbys = false;
    for (StreamsMetadata instance : instances) {
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

  private ReadAnswer<Collection<StreamsMetadata>> instances() {
    KafkaStreams.State state = streams.state();
    if (!state.isRunningOrRebalancing()) {
      return new ReadAnswer.NotReady<>("the job does not run: state=" + state);
    }
    try {
      return new ReadAnswer.Found<>(streams.metadataForAllStreamsClients());
    } catch (IllegalStateException e) {
      return new ReadAnswer.NotReady<>("the job does not run: " + e.getMessage());
    }
  }

  private static String address(HostInfo host) {
    return (host.host().contains(":") ? "[" + host.host() + "]" : host.host()) + ":" + host.port();
  }
}
