package io.walstrata.layerstore.streams;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.ClusterResourceListener;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A consumer that begins nowhere but where {@link HistoryGuard} lets it. */
final class GuardedConsumer extends KafkaConsumer<byte[], byte[]> {
  /*
   * Its reset policy is "none", so that an offset the topic does not have is an exception and not a
   * jump. Kafka Streams would answer these exceptions by its own policy; here they are answered
   * first, those of other topics left to it.
   *
   * A consumer's metadata has the ids of its topics, and what it fetches it asks for by id; but from
   * one metadata to the next it takes another id for the same topic, and goes on at the old offset.
   * Ids cannot be seen from outside. But new metadata can: a listener is told. So records that come
   * after new metadata are only handed over when the broker was asked for the ids again. That takes
   * a call per refresh (five minutes by default) and per error.
   */
  private static final Logger LOG = LoggerFactory.getLogger(GuardedConsumer.class);
  private static final Duration ASKING = Duration.ofSeconds(30);
  private static final long PAUSE_MS = 200;

  /** Counts how often the consumer got new metadata. */
  private static final class MetadataWatch extends ByteArrayDeserializer
      implements ClusterResourceListener {
    private final AtomicLong updates = new AtomicLong();

    @Override
    public void onUpdate(ClusterResource cluster) {
      updates.incrementAndGet();
    }
  }

  private final HistoryGuard guard;
  private final MetadataWatch metadata;
  private final long lookAgainNanos;
  private long checkedUpdates;
  private long lookedAt = System.nanoTime();

  GuardedConsumer(Map<String, Object> config, HistoryGuard guard, Duration lookAgain) {
    this(config, guard, lookAgain, new MetadataWatch());
  }

  private GuardedConsumer(
      Map<String, Object> config, HistoryGuard guard, Duration lookAgain, MetadataWatch metadata) {
    super(config, new ByteArrayDeserializer(), metadata);
    this.guard = guard;
    this.metadata = metadata;
    lookAgainNanos = lookAgain.toNanos();
  }

  @Override
  public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    try {
      ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
      long updates = metadata.updates.get();
      if (!records.isEmpty() && updates != checkedUpdates) {
        // Of all topics, not of these records' alone: the update is taken for checked then.
        awaitCheck(assignment());
        checkedUpdates = updates;
      }
      lookAgain();
      return records;
    } catch (LogTruncationException e) {
      refuseTruncated(e);
      throw e;
    } catch (OffsetOutOfRangeException e) {
      reposition(e);
    } catch (NoOffsetForPartitionException e) {
      begin(e);
    }
    return ConsumerRecords.empty();
  }

  private Set<TopicPartition> guarded(Collection<TopicPartition> partitions) {
    return partitions.stream().filter(guard::isGuarded).collect(Collectors.toSet());
  }

  private static Set<String> topics(Collection<TopicPartition> partitions) {
    return partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
  }

  /** The records are in hand and cannot be had again: the broker is asked until it answers. */
  private void awaitCheck(Set<TopicPartition> partitions) {
    Set<String> topics = topics(guarded(partitions));
    long deadline = System.nanoTime() + ASKING.toNanos();
    while (!topics.isEmpty()) {
      try {
        guard.checkTopics(topics);
        return;
      } catch (RetriableException | ProcessorStateException e) {
        // The thread is given up then; another begins at the committed offsets.
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  /** Looks after partitions that get no records. */
  private void lookAgain() {
    if (System.nanoTime() - lookedAt < lookAgainNanos) {
      return;
    }
    lookedAt = System.nanoTime();
    Set<TopicPartition> partitions = guarded(assignment());
    if (partitions.isEmpty()) {
      return;
    }
    try {
      guard.checkTopics(topics(partitions));
      guard.lookAhead(beginningOffsets(partitions)).forEach(LOG::warn);
    } catch (RetriableException e) {
      LOG.debug("the broker does not answer, its topics are looked at later", e);
    } catch (ProcessorStateException e) {
      LOG.warn("layers' home not readable, it is looked at later: {}", e.getMessage());
    }
  }

  private void refuseTruncated(LogTruncationException e) {
    for (TopicPartition partition : guarded(e.partitions())) {
      throw new HistoryGapException(
          "the topic has lost records at its end that were read from it: a leader that was behind"
              + " took over. Move the layers of this partition away to build them anew: "
              + HistoryGapException.where(partition)
              + ", position="
              + e.offsetOutOfRangePartitions().get(partition)
              + ", divergentOffset="
              + e.divergentOffsets().get(partition));
    }
  }

  private void reposition(OffsetOutOfRangeException e) {
    Set<TopicPartition> ours = guarded(e.partitions());
    if (!ours.isEmpty()) {
      guard.checkTopics(topics(ours));
      Map<TopicPartition, Long> starts = beginningOffsets(ours);
      Map<TopicPartition, Long> ends = endOffsets(ours);
      for (TopicPartition partition : ours) {
        long position = e.offsetOutOfRangePartitions().getOrDefault(partition, 0L);
        long start = starts.getOrDefault(partition, 0L);
        long end = ends.getOrDefault(partition, 0L);
        long next = guard.reposition(partition, position, start, end);
        LOG.warn(
            "the topic no longer has the next records, but the layers have them: {}, position={},"
                + " goesOnAt={}",
            HistoryGapException.where(partition),
            position,
            next);
        seek(partition, next);
      }
    }
    Map<TopicPartition, Long> others =
        e.offsetOutOfRangePartitions().entrySet().stream()
            .filter(each -> !ours.contains(each.getKey()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    if (!others.isEmpty()) {
      throw new OffsetOutOfRangeException(others);
    }
  }

  /** Of a new group, or a new partition. */
  private void begin(NoOffsetForPartitionException e) {
    Set<TopicPartition> ours = guarded(e.partitions());
    if (!ours.isEmpty()) {
      seekToBeginning(ours);
    }
    List<TopicPartition> others = new ArrayList<>(e.partitions());
    others.removeAll(ours);
    if (!others.isEmpty()) {
      throw new NoOffsetForPartitionException(others);
    }
  }

  /** Seeks there at once, so that records that are lost from now on are missed. */
  @Override
  public void seekToBeginning(Collection<TopicPartition> asked) {
    Collection<TopicPartition> partitions = asked.isEmpty() ? assignment() : asked;
    Set<TopicPartition> ours = guarded(partitions);
    if (!ours.isEmpty()) {
      Map<TopicPartition, Long> starts = beginningOffsets(ours);
      for (TopicPartition partition : ours) {
        long start = starts.getOrDefault(partition, 0L);
        guard.checkBeginning(partition, start);
        seek(partition, start);
      }
    }
    List<TopicPartition> others = new ArrayList<>(partitions);
    others.removeAll(ours);
    if (!others.isEmpty()) {
      super.seekToBeginning(others);
    }
  }
}
