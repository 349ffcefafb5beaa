package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.io.LocalLayerHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Compares the layers of this instance with their topic before the stream starts. Kafka Streams
 * would not: where the group's offset, or the one behind the layers, is gone from the topic, its
 * consumers go on at the topic's first record.
 */
public final class TopicCheck {
  private TopicCheck() {}

  /**
   * Refuses a topic that has lost records which no layer covers, or that is not the one that the
   * layers were made from. Partitions without layers on this instance are not looked at.
   *
   * @throws HistoryGapException on the first such partition
   * @throws IOException if a manifest cannot be read
   * @throws KafkaException if the broker does not answer
   */
  public static void check(Admin admin, LayerStoresOptions options)
      throws IOException, InterruptedException {
    Map<TopicPartition, Long> covered = coveredOffsets(options);
    if (covered.isEmpty()) {
      return;
    }
    int partitions = partitions(admin, options.topic());
    Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (Map.Entry<TopicPartition, Long> entry : covered.entrySet()) {
      TopicPartition partition = entry.getKey();
      if (partition.partition() >= partitions) {
        throw HistoryGapException.otherTopic(
            partition.topic(), partition.partition(), entry.getValue(), 0);
      }
      earliest.put(partition, OffsetSpec.earliest());
      latest.put(partition, OffsetSpec.latest());
    }
    Map<TopicPartition, ListOffsetsResultInfo> first = await(admin.listOffsets(earliest).all());
    Map<TopicPartition, ListOffsetsResultInfo> end = await(admin.listOffsets(latest).all());
    for (Map.Entry<TopicPartition, Long> entry : covered.entrySet()) {
      compare(
          entry.getKey(),
          entry.getValue(),
          offset(first, entry.getKey()),
          offset(end, entry.getKey()));
    }
  }

  static void compare(TopicPartition partition, long covered, long first, long end) {
    if (end <= covered) {
      throw HistoryGapException.otherTopic(partition.topic(), partition.partition(), covered, end);
    }
    if (first > covered + 1) {
      throw HistoryGapException.lost(partition.topic(), partition.partition(), covered, first);
    }
  }

  private static long offset(
      Map<TopicPartition, ListOffsetsResultInfo> offsets, TopicPartition partition) {
    ListOffsetsResultInfo info = offsets.get(partition);
    if (info == null) {
      throw new KafkaException("the broker left a partition out: partition=" + partition);
    }
    return info.offset();
  }

  /** Returns the last covered offset of each partition that has layers here. */
  private static Map<TopicPartition, Long> coveredOffsets(LayerStoresOptions options)
      throws IOException {
    Map<TopicPartition, Long> covered = new TreeMap<>(TopicCheck::byPartition);
    Path homes = options.layersHome().resolve(options.topic());
    if (!Files.isDirectory(homes)) {
      return covered;
    }
    try (Stream<Path> names = Files.list(homes)) {
      for (Path home : names.toList()) {
        Integer partition = partitionOf(home);
        if (partition != null) {
          try (LayerStore store =
              LayerStore.open(new LocalLayerHome(home), home, options.engine())) {
            OptionalLong durable = store.durableOffset();
            if (durable.isPresent()) {
              covered.put(new TopicPartition(options.topic(), partition), durable.getAsLong());
            }
          }
        }
      }
    }
    return covered;
  }

  private static int byPartition(TopicPartition one, TopicPartition other) {
    return Integer.compare(one.partition(), other.partition());
  }

  private static @Nullable Integer partitionOf(Path home) {
    try {
      return Integer.valueOf(home.getFileName().toString());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Returns the number of partitions; 0 if there is no such topic. */
  private static int partitions(Admin admin, String topic) throws InterruptedException {
    try {
      int partitions = 0;
      for (TopicDescription description :
          admin.describeTopics(List.of(topic)).allTopicNames().get().values()) {
        partitions += description.partitions().size();
      }
      return partitions;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return 0;
      }
      throw failed(e);
    }
  }

  private static <T> T await(KafkaFuture<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw failed(e);
    }
  }

  private static KafkaException failed(ExecutionException e) {
    return new KafkaException("cannot compare the layers with their topic", e.getCause());
  }
}
