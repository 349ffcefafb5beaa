package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.LayerRepair;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.RepairPlan;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.streams.internal.HistoryGaps;
import io.walstrata.layerstore.streams.internal.TopicIds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares layers with their topics before a topology runs, and repairs damaged ones. {@link
 * HistoryGuard} compares them while it runs.
 */
public final class HistoryCheck {
  /*
   * Kafka's clients would hide all of this. A consumer whose offset is gone starts at the topic's
   * first one, and of a topic that was created again the store would skip the offsets that its
   * layers cover, although those are other records.
   *
   * A topic that was created again is recognized by its id and, where that is not known (older
   * layers, a copied directory), by an end below what the layers cover. Nothing is repaired before
   * all repairs are known to be possible.
   */
  private static final Logger LOG = LoggerFactory.getLogger(HistoryCheck.class);

  private final Admin admin;
  private final Collection<StateStoreOptions> stores;

  /**
   * @param stores settings of the topology's stores; their topics exist
   */
  public HistoryCheck(Admin admin, Collection<StateStoreOptions> stores) {
    this.admin = admin;
    this.stores = List.copyOf(stores);
  }

  /** A home to repair, and how. */
  private record Repair(LayerHome home, RepairPlan plan) {}

  /**
   * Checks all partitions for which this machine has layers, and repairs what is damaged.
   *
   * @throws HistoryGapException if continuing would leave a gap, or layers are damaged and {@link
   *     StateStoreOptions#onDamage} is to refuse; nothing is changed then
   * @throws KafkaException if the broker does not answer questions about the topics
   * @throws IOException if a home cannot be read or written, or a damaged one has another owner
   */
  public void run() throws IOException, InterruptedException {
    List<String> faults = new ArrayList<>();
    List<Repair> repairs = new ArrayList<>();
    for (StateStoreOptions store : stores) {
      TopicDescription topic = ask(() -> describe(store.topic()));
      TopicIds.check(store, topic.topicId()).ifPresent(faults::add);
      checkPartitions(store, topic, faults, repairs);
    }
    if (!faults.isEmpty()) {
      throw new HistoryGapException(String.join("; ", faults));
    }
    for (Repair repair : repairs) {
      LayerRepair.apply(repair.home(), repair.plan());
    }
  }

  private interface Question<T> {
    T ask() throws ExecutionException, InterruptedException;
  }

  private static <T> T ask(Question<T> question) throws InterruptedException {
    try {
      return question.ask();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw cause instanceof KafkaException kafka ? kafka : new KafkaException(cause);
    }
  }

  private TopicDescription describe(String topic) throws ExecutionException, InterruptedException {
    return admin.describeTopics(List.of(topic)).allTopicNames().get().values().iterator().next();
  }

  /**
   * The state of a home: a repair plan if it is damaged, otherwise the last offset that it covers.
   */
  private record Found(LayerHome home, Optional<RepairPlan> plan, OptionalLong covered) {}

  /**
   * Checks each partition's home. Another instance may be writing to the same homes, so the topic's
   * start is read before them and its end after them; otherwise it would seem to end below new
   * layers.
   */
  private void checkPartitions(
      StateStoreOptions store, TopicDescription topic, List<String> faults, List<Repair> repairs)
      throws IOException, InterruptedException {
    Map<TopicPartition, Long> starts = ask(() -> offsets(topic, OffsetSpec.earliest()));
    Map<TopicPartition, Found> homes = new HashMap<>();
    for (TopicPartition partition : starts.keySet()) {
      homes.put(partition, look(store, partition.partition()));
    }
    Map<TopicPartition, Long> ends = ask(() -> offsets(topic, OffsetSpec.latest()));
    homes.forEach(
        (partition, found) -> {
          long start = starts.getOrDefault(partition, 0L);
          long end = ends.getOrDefault(partition, 0L);
          if (found.plan().isPresent()) {
            RepairPlan plan = found.plan().get();
            checkRepair(store, partition, plan, start, end)
                .ifPresentOrElse(faults::add, () -> repairs.add(new Repair(found.home(), plan)));
          } else {
            checkOffsets(partition, found.home(), found.covered(), start, end)
                .ifPresent(faults::add);
          }
        });
  }

  private static Found look(StateStoreOptions store, int partition) throws IOException {
    LayerHome home = store.home(partition);
    Optional<RepairPlan> plan = LayerRepair.plan(home, store.resources().checkedLayers());
    OptionalLong covered = plan.isPresent() ? OptionalLong.empty() : LayerStore.coveredOffset(home);
    return new Found(home, plan, covered);
  }

  private static Optional<String> checkOffsets(
      TopicPartition partition, LayerHome home, OptionalLong covered, long start, long end) {
    String directory = ", directory=" + home.location();
    if (covered.isEmpty()) {
      if (start > 0) {
        LOG.warn(
            "there are no layers of this partition here; its history starts where the topic does,"
                + " older records are gone from it: {}, topicStartOffset={}",
            HistoryGaps.where(partition),
            start);
      }
      return Optional.empty();
    }
    long offset = covered.getAsLong();
    if (start > offset + 1) {
      return Optional.of(HistoryGaps.lost(partition, offset, start, directory));
    }
    return end <= offset
        ? Optional.of(HistoryGaps.ended(partition, offset, end, directory))
        : Optional.empty();
  }

  private static Optional<String> checkRepair(
      StateStoreOptions store, TopicPartition partition, RepairPlan plan, long start, long end) {
    String facts =
        HistoryGaps.where(partition)
            + ", directory="
            + plan.location()
            + ", damage="
            + plan.problems();
    if (store.onDamage() == OnDamage.REFUSE) {
      return Optional.of(
          "layers are damaged, and damage is refused (OnDamage.REFUSE). Bring the files back, or"
              + " have them rebuilt from the topic (OnDamage.REBUILD), from offset "
              + plan.firstOffsetNeeded()
              + " on: "
              + facts);
    }
    if (start > plan.firstOffsetNeeded()) {
      return Optional.of(
          "layers are damaged, and the topic no longer has the records to rebuild them. Bring"
              + " the files or the records back, or move the layers of this partition away to start"
              + " again where the topic does: missingOffsets="
              + plan.firstOffsetNeeded()
              + ".."
              + (start - 1)
              + ", topicStartOffset="
              + start
              + ", "
              + facts);
    }
    if (plan.coveredOffset().isPresent() && end <= plan.coveredOffset().getAsLong()) {
      return Optional.of(
          HistoryGaps.ended(
              partition, plan.coveredOffset().getAsLong(), end, ", damage=" + plan.problems()));
    }
    return Optional.empty();
  }

  private Map<TopicPartition, Long> offsets(TopicDescription topic, OffsetSpec spec)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> request = new HashMap<>();
    topic
        .partitions()
        .forEach(each -> request.put(new TopicPartition(topic.name(), each.partition()), spec));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> each :
        admin.listOffsets(request).all().get().entrySet()) {
      offsets.put(each.getKey(), each.getValue().offset());
    }
    return offsets;
  }
}
