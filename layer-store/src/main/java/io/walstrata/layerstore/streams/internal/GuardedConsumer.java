package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.retry.Backoff;
import io.walstrata.layerstore.streams.HistoryGapException;
import io.walstrata.layerstore.streams.PollLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts reading only at offsets that {@link TopicGuard} allows, and unpacks no more than {@link
 * PollLimits} allow.
 */
public final class GuardedConsumer extends DelegatingConsumer {
  /*
   * Its reset policy is "none", so that an offset the topic does not have is an exception and not a
   * jump. Kafka Streams would answer these exceptions by its own policy; here they are answered
   * first, those of other topics left to it.
   *
   * A consumer's metadata has the ids of its topics, and what it fetches it asks for by id; but
   * when new metadata has another id for the same topic, it continues at the old offset. Its ids
   * cannot be read from outside. But a listener is notified of new metadata. So records that come
   * after new metadata are only returned once the broker was asked for the ids again. That takes a
   * call per refresh (five minutes by default) and per error.
   *
   * Bytes: a poll unpacks what is left of the limit (PollMeter). If nothing is left, the partitions
   * with records that no store has ingested yet are paused, in `held`, until it has. Kafka Streams
   * pauses and resumes too, in `asked`; a partition is read when both allow it.
   */
  private static final Logger LOG = LoggerFactory.getLogger(GuardedConsumer.class);
  private static final Backoff ASKING =
      Backoff.constant(Duration.ofMillis(200)).within(Duration.ofSeconds(30));
  private static final long POSITIONS_NANOS = 1_000_000_000;

  private final TopicGuard guard;
  private final PollMeter meter;
  private final PollLimits limits;
  private final long lookAgainNanos;
  private final LongSupplier nanoTime;
  private final InHand inHand = new InHand();
  private final Set<TopicPartition> asked = new HashSet<>();
  private final Set<TopicPartition> held = new HashSet<>();
  private TopicGuard.@Nullable Look look;
  private long checkedUpdates;
  private long lookedAt;
  private long positionsAt;

  /**
   * @param delegate with the deserializers of {@code meter}
   * @param lookAgain how often topics without new records are checked
   */
  public GuardedConsumer(
      Consumer<byte[], byte[]> delegate,
      PollMeter meter,
      PollLimits limits,
      TopicGuard guard,
      Duration lookAgain,
      LongSupplier nanoTime) {
    super(delegate);
    this.guard = guard;
    this.meter = meter;
    this.limits = limits;
    this.nanoTime = nanoTime;
    lookAgainNanos = lookAgain.toNanos();
    lookedAt = nanoTime.getAsLong();
    positionsAt = lookedAt - POSITIONS_NANOS;
  }

  @Override
  public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    inHand.settle(guard::takenOffset);
    hold();
    reportPositions();
    meter.begin(limits.heldBytes() - inHand.bytes());
    try {
      ConsumerRecords<byte[], byte[]> records = delegate.poll(timeout);
      long updates = meter.metadataUpdates();
      if (!records.isEmpty() && updates != checkedUpdates) {
        // All topics, not only those of these records: the whole update counts as checked
        // afterwards.
        awaitCheck(assignment());
        checkedUpdates = updates;
      }
      lookAgain();
      for (TopicPartition partition : records.partitions()) {
        if (guard.isGuarded(partition)) {
          inHand.add(partition, records.records(partition));
        }
      }
      return records;
    } catch (LogTruncationException e) {
      truncated(e);
    } catch (OffsetOutOfRangeException e) {
      reposition(e);
    } catch (NoOffsetForPartitionException e) {
      begin(e);
    } catch (RecordDeserializationException e) {
      if (e.getCause() instanceof PollMeter.OversizeException oversize) {
        throw OversizeRecords.of(
            e.topicPartition(), e.offset(), oversize.bytes(), limits.recordBytes(), e);
      }
      throw e;
    } catch (OutOfMemoryError e) {
      throw OversizeRecords.unpacking(nextOffsets(), e);
    }
    return ConsumerRecords.empty();
  }

  /** Pauses the partitions with records in hand while those use the whole limit. */
  private void hold() {
    Set<TopicPartition> now =
        inHand.bytes() < limits.heldBytes() ? Set.of() : Set.copyOf(inHand.partitions());
    if (now.equals(held)) {
      return;
    }
    List<TopicPartition> released = new ArrayList<>(held);
    released.removeAll(now);
    released.removeAll(asked);
    held.clear();
    held.addAll(now);
    delegate.resume(released);
    delegate.pause(now);
  }

  @Override
  public void pause(Collection<TopicPartition> partitions) {
    delegate.pause(partitions);
    asked.addAll(partitions);
  }

  @Override
  public void resume(Collection<TopicPartition> partitions) {
    asked.removeAll(partitions);
    List<TopicPartition> free = new ArrayList<>(partitions);
    free.removeAll(held);
    delegate.resume(free);
  }

  /** Returns the partitions that the caller has paused. */
  @Override
  public Set<TopicPartition> paused() {
    Set<TopicPartition> paused = new HashSet<>(delegate.paused());
    paused.removeIf(partition -> held.contains(partition) && !asked.contains(partition));
    return paused;
  }

  /** Clears the state of partitions that are revoked, or read from another offset. */
  private void forget(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      inHand.forget(partition);
      held.remove(partition);
      asked.remove(partition);
      guard.forgetPosition(partition);
    }
  }

  @Override
  public void assign(Collection<TopicPartition> partitions) {
    Set<TopicPartition> gone = new HashSet<>(delegate.assignment());
    gone.removeAll(partitions);
    delegate.assign(partitions);
    forget(gone);
  }

  @Override
  public void unsubscribe() {
    forget(delegate.assignment());
    delegate.unsubscribe();
  }

  @Override
  public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
    super.subscribe(topics, forgetting(listener));
  }

  @Override
  public void subscribe(java.util.regex.Pattern pattern, ConsumerRebalanceListener listener) {
    super.subscribe(pattern, forgetting(listener));
  }

  private ConsumerRebalanceListener forgetting(ConsumerRebalanceListener listener) {
    return new ConsumerRebalanceListener() {
      @Override
      public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        listener.onPartitionsAssigned(partitions);
      }

      @Override
      public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        forget(partitions);
        listener.onPartitionsRevoked(partitions);
      }

      @Override
      public void onPartitionsLost(Collection<TopicPartition> partitions) {
        forget(partitions);
        listener.onPartitionsLost(partitions);
      }
    };
  }

  @Override
  public void seek(TopicPartition partition, long offset) {
    delegate.seek(partition, offset);
    readElsewhere(partition);
  }

  @Override
  public void seek(TopicPartition partition, OffsetAndMetadata offset) {
    delegate.seek(partition, offset);
    readElsewhere(partition);
  }

  /** Clears the records in hand: the caller that seeks has discarded them. */
  private void readElsewhere(TopicPartition partition) {
    inHand.forget(partition);
    guard.forgetPosition(partition);
  }

  /**
   * Reports to the guard the positions of partitions whose records are all ingested: no store is
   * given the markers of transactions or the aborted records that are skipped.
   */
  private void reportPositions() {
    if (nanoTime.getAsLong() - positionsAt < POSITIONS_NANOS) {
      return;
    }
    positionsAt = nanoTime.getAsLong();
    for (TopicPartition partition : guarded(delegate.assignment())) {
      if (!inHand.has(partition) && !asked.contains(partition)) {
        Long next = positionIfKnown(partition);
        if (next != null) {
          guard.reportPosition(partition, next);
        }
      }
    }
  }

  private @Nullable Long positionIfKnown(TopicPartition partition) {
    try {
      return delegate.position(partition, Duration.ZERO);
    } catch (KafkaException | IllegalStateException e) {
      return null; // not known yet
    }
  }

  private String nextOffsets() {
    Map<String, Long> offsets = new TreeMap<>();
    for (TopicPartition partition : guarded(delegate.assignment())) {
      Long next = positionIfKnown(partition);
      if (next != null && !asked.contains(partition) && !held.contains(partition)) {
        offsets.put(partition.toString(), next);
      }
    }
    return offsets.toString();
  }

  private Set<TopicPartition> guarded(Collection<TopicPartition> partitions) {
    return partitions.stream().filter(guard::isGuarded).collect(Collectors.toSet());
  }

  private static Set<String> topics(Collection<TopicPartition> partitions) {
    return partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
  }

  /**
   * Asks the broker until it answers: the records were returned already and cannot be polled again.
   */
  private void awaitCheck(Set<TopicPartition> partitions) {
    Set<String> topics = topics(guarded(partitions));
    Backoff.Attempts attempts = ASKING.start(nanoTime);
    while (!topics.isEmpty()) {
      try {
        guard.checkTopics(topics);
        return;
      } catch (RetriableException | ProcessorStateException e) {
        // The thread ends then; its replacement starts at the committed offsets.
        Optional<Duration> pause = attempts.nextPause();
        if (pause.isEmpty()) {
          throw e;
        }
        sleep(pause.get());
      }
    }
  }

  private static void sleep(Duration pause) {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  /**
   * Checks partitions without new records: one poll sends the question, a later one reads the
   * answer.
   */
  private void lookAgain() {
    TopicGuard.Look pending = look;
    if (pending == null) {
      if (nanoTime.getAsLong() - lookedAt >= lookAgainNanos) {
        lookedAt = nanoTime.getAsLong();
        Set<TopicPartition> partitions = guarded(assignment());
        look = partitions.isEmpty() ? null : guard.look(topics(partitions), partitions);
      }
      return;
    }
    if (!pending.isDone()) {
      return;
    }
    look = null;
    try {
      guard.finish(pending).forEach(LOG::warn);
    } catch (RetriableException e) {
      LOG.debug("the broker does not answer, will check its topics later", e);
    } catch (ProcessorStateException e) {
      LOG.warn("cannot read the layers' home, will check it again later: {}", e.getMessage());
    }
  }

  private void truncated(LogTruncationException e) {
    Set<TopicPartition> ours = guarded(e.partitions());
    for (TopicPartition partition : ours) {
      if (!guard.isNewHistory(partition)) {
        throw new HistoryGapException(
            "the topic has lost records at its end that were read before: a leader that lacked"
                + " them was elected. Move the layers of this partition away to rebuild them: "
                + HistoryGaps.where(partition)
                + ", position="
                + e.offsetOutOfRangePartitions().get(partition)
                + ", divergentOffset="
                + e.divergentOffsets().get(partition));
      }
    }
    if (ours.size() < e.partitions().size()) {
      throw e;
    }
    Map<TopicPartition, Long> ends = new HashMap<>(endOffsets(ours));
    e.divergentOffsets()
        .forEach((partition, divergent) -> ends.merge(partition, divergent.offset(), Math::min));
    reposition(e.offsetOutOfRangePartitions(), ends);
  }

  private void reposition(OffsetOutOfRangeException e) {
    Set<TopicPartition> ours = guarded(e.partitions());
    Map<TopicPartition, Long> others = new HashMap<>(e.offsetOutOfRangePartitions());
    others.keySet().removeAll(ours);
    if (!ours.isEmpty()) {
      guard.checkTopics(topics(ours));
      Map<TopicPartition, Long> positions = new HashMap<>(e.offsetOutOfRangePartitions());
      positions.keySet().retainAll(ours);
      reposition(positions, endOffsets(ours));
    }
    if (!others.isEmpty()) {
      throw new OffsetOutOfRangeException(others);
    }
  }

  private void reposition(Map<TopicPartition, Long> positions, Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> starts = beginningOffsets(positions.keySet());
    positions.forEach(
        (partition, position) -> {
          long start = starts.getOrDefault(partition, 0L);
          long end = ends.getOrDefault(partition, 0L);
          long next = guard.reposition(partition, position, start, end);
          LOG.warn(
              "the topic does not have the next offset of the group, reading continues where the"
                  + " layers here end or, without any, where the topic begins: {}, position={},"
                  + " nextOffset={}, topicStartOffset={}, topicEndOffset={}",
              HistoryGaps.where(partition),
              position,
              next,
              start,
              end);
          seek(partition, next);
        });
  }

  /** Starts a partition that has no committed offset, of a new group or a new partition. */
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

  /** Seeks at once, not at the next poll, so that records that are lost from now on are noticed. */
  @Override
  public void seekToBeginning(Collection<TopicPartition> partitions) {
    Collection<TopicPartition> wanted = partitions.isEmpty() ? assignment() : partitions;
    Set<TopicPartition> ours = guarded(wanted);
    if (!ours.isEmpty()) {
      Map<TopicPartition, Long> starts = beginningOffsets(ours);
      for (TopicPartition partition : ours) {
        long start = starts.getOrDefault(partition, 0L);
        guard.checkBeginning(partition, start);
        seek(partition, start);
      }
    }
    List<TopicPartition> others = new ArrayList<>(wanted);
    others.removeAll(ours);
    if (!others.isEmpty()) {
      super.seekToBeginning(others);
    }
  }
}
