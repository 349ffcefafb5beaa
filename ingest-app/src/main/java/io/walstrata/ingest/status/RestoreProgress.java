package io.walstrata.ingest.status;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The progress of restores. Kafka Streams' threads report it, {@link #log} writes lines, any thread
 * may ask.
 */
public final class RestoreProgress implements StateRestoreListener {
  private static final Logger LOG = LoggerFactory.getLogger(RestoreProgress.class);

  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private final Map<TopicPartition, Running> running = new ConcurrentHashMap<>();

  /** How a restore ended, until it is logged. */
  private final Map<TopicPartition, Ended> ended = new ConcurrentHashMap<>();

  /**
   * @param nanoTime {@link System#nanoTime}, or a test's
   */
  public RestoreProgress(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * A restore in progress.
   *
   * @param records restored so far
   * @param done offsets read
   * @param remaining offsets yet to read
   * @param elapsedNanos since it began
   */
  public record Restore(
      TopicPartition partition, long records, long done, long remaining, long elapsedNanos) {
    /**
     * Returns a rate.
     *
     * @param count since the restore began
     */
    public double perSecond(long count) {
      return elapsedNanos <= 0 ? 0 : count * 1e9 / elapsedNanos;
    }

    /** Returns the seconds left at the speed so far; empty before the first record. */
    public OptionalLong etaSeconds() {
      double speed = perSecond(done);
      return speed > 0
          ? OptionalLong.of((long) Math.ceil(remaining / speed))
          : OptionalLong.empty();
    }

    /** Returns how much of the way is done, 0 to 100. */
    public int percent() {
      return done + remaining == 0 ? 100 : (int) (100 * done / (done + remaining));
    }
  }

  private static final class Running {
    final long startOffset;
    final long endOffset;
    final long startNanos;
    volatile long nextOffset;
    volatile long records;
    volatile long loggedNanos;

    Running(long startOffset, long endOffset, long startNanos) {
      this.startOffset = startOffset;
      this.endOffset = endOffset;
      this.startNanos = startNanos;
      this.nextOffset = startOffset;
      this.loggedNanos = startNanos;
    }
  }

  private record Ended(long records, long nanos, boolean isWhole) {}

  @Override
  public void onRestoreStart(
      TopicPartition partition, String store, long startOffset, long endOffset) {
    running.put(partition, new Running(startOffset, endOffset, nanoTime.getAsLong()));
    ended.remove(partition);
    if (endOffset > startOffset) {
      LOG.info(
          "restoring: topic={}, partition={}, fromOffset={}, toOffset={}",
          partition.topic(),
          partition.partition(),
          startOffset,
          endOffset);
    }
  }

  @Override
  public void onBatchRestored(
      TopicPartition partition, String store, long batchEndOffset, long count) {
    Running restore = running.get(partition);
    if (restore != null) {
      add(restore, batchEndOffset + 1, count);
    }
  }

  /** One thread restores a partition. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private static void add(Running restore, long nextOffset, long count) {
    restore.records += count;
    restore.nextOffset = nextOffset;
  }

  @Override
  public void onRestoreEnd(TopicPartition partition, String store, long total) {
    end(partition, total, /* isWhole= */ true);
  }

  @Override
  public void onRestoreSuspended(TopicPartition partition, String store, long total) {
    end(partition, total, /* isWhole= */ false);
  }

  private void end(TopicPartition partition, long total, boolean isWhole) {
    Running restore = running.remove(partition);
    if (restore != null && total > 0) {
      ended.put(partition, new Ended(total, nanoTime.getAsLong() - restore.startNanos, isWhole));
    }
  }

  /** Returns the restores in progress, by topic and partition. */
  public List<Restore> running() {
    long now = nanoTime.getAsLong();
    List<Restore> all = new ArrayList<>();
    running.forEach((partition, restore) -> all.add(restore(partition, restore, now)));
    all.sort(
        Comparator.comparing((Restore each) -> each.partition().topic())
            .thenComparing(each -> each.partition().partition()));
    return all;
  }

  /** Returns the restore of a partition; empty if none is in progress. */
  public Optional<Restore> of(String topic, int partition) {
    TopicPartition of = new TopicPartition(topic, partition);
    Running restore = running.get(of);
    return restore == null
        ? Optional.empty()
        : Optional.of(restore(of, restore, nanoTime.getAsLong()));
  }

  private static Restore restore(TopicPartition partition, Running restore, long now) {
    long next = restore.nextOffset;
    return new Restore(
        partition,
        restore.records,
        next - restore.startOffset,
        Math.max(0, restore.endOffset - next),
        now - restore.startNanos);
  }

  /**
   * Writes a line for each restore that has ended, and every ten seconds for each in progress. For
   * one thread, called about every second.
   *
   * @param bytes gives the bytes that have been restored of a partition; -1 if that is not known
   */
  public void log(ToLongFunction<TopicPartition> bytes) {
    for (TopicPartition partition : List.copyOf(ended.keySet())) {
      Ended restore = ended.remove(partition);
      if (restore != null) {
        LOG.info(
            "{}: topic={}, partition={}, records={}, bytes={}, ms={}",
            restore.isWhole() ? "restored" : "restore ended early, the partition moves away",
            partition.topic(),
            partition.partition(),
            restore.records(),
            bytes.applyAsLong(partition),
            restore.nanos() / 1_000_000);
      }
    }
    long now = nanoTime.getAsLong();
    running.forEach(
        (partition, restore) -> {
          if (now - restore.loggedNanos >= LOG_INTERVAL.toNanos()) {
            restore.loggedNanos = now;
            log(restore(partition, restore, now), bytes.applyAsLong(partition));
          }
        });
  }

  private static void log(Restore restore, long bytes) {
    LOG.info(
        "restoring: topic={}, partition={}, done={}%, records={}, bytes={}, remaining={},"
            + " recordsPerSecond={}, etaSeconds={}",
        restore.partition().topic(),
        restore.partition().partition(),
        restore.percent(),
        restore.records(),
        bytes,
        restore.remaining(),
        Math.round(restore.perSecond(restore.records())),
        restore.etaSeconds().isPresent() ? restore.etaSeconds().getAsLong() : "unknown");
  }
}
