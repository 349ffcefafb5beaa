package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTombstone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the last claim of timelines in a topic, reading each partition backwards from its end in
 * growing windows. A timeline is looked for in the partition that its routing key maps to, and, if
 * it is not there, in all others: partitions may have been added to the topic since.
 */
final class ResumeFinder {
  private static final Logger LOG = LoggerFactory.getLogger(ResumeFinder.class);

  private static final long FIRST_WINDOW = 64;
  private static final long LAST_WINDOW = 1 << 18;
  private static final Duration POLL = Duration.ofMillis(200);

  private final Consumer<byte[], byte[]> consumer;
  private final MessageCodec codec;
  private final String topic;
  private final Duration patience;
  private final Map<TimelineId, Seen> seen = new HashMap<>();
  private long undecodable;

  /**
   * @param consumer without assignment, {@code read_committed}
   * @param patience how long to wait for messages before that is an error
   */
  ResumeFinder(
      Consumer<byte[], byte[]> consumer, MessageCodec codec, String topic, Duration patience) {
    this.consumer = consumer;
    this.codec = codec;
    this.topic = topic;
    this.patience = patience;
  }

  /**
   * Returns for each timeline what the topic holds of it.
   *
   * @param partitions how many the topic has
   * @param routing gives the partition that a timeline's routing key maps to
   * @throws ProduceException if Kafka or the registry cannot be read
   */
  Map<TimelineId, ResumePosition> find(
      Collection<TimelineId> timelines, int partitions, ToIntFunction<TimelineId> routing) {
    timelines.forEach(timeline -> seen.put(timeline, new Seen()));
    List<PartitionScan> scans = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      scans.add(new PartitionScan(new TopicPartition(topic, partition)));
    }
    for (PartitionScan scan : scans) {
      int partition = scan.partition.partition();
      List<TimelineId> here =
          timelines.stream().filter(t -> routing.applyAsInt(t) == partition).toList();
      scan.until(here);
    }
    for (PartitionScan scan : scans) {
      scan.until(timelines);
    }
    if (undecodable > 0) {
      LOG.warn("skipped messages that are no WAL messages: topic={}, count={}", topic, undecodable);
    }
    Map<TimelineId, ResumePosition> found = new HashMap<>();
    for (TimelineId timeline : timelines) {
      int routed = routing.applyAsInt(timeline);
      found.put(timeline, seen(timeline).toPosition(routed, scans.get(routed).begin));
    }
    return found;
  }

  private Seen seen(TimelineId timeline) {
    Seen known = seen.get(timeline);
    if (known == null) {
      throw new IllegalStateException("no resume position was looked up: timeline=" + timeline);
    }
    return known;
  }

  private void look(ConsumerRecord<byte[], byte[]> message) {
    byte[] value = message.value();
    @Nullable SpecificRecord body = value == null ? null : codec.decode(topic, value);
    if (body == null) {
      undecodable++;
      return;
    }
    @Nullable Seen known = seen.get(timelineOf(body));
    if (known != null) {
      known.note(message, claimOf(body), lastVersionOf(body), lastKeyOf(body));
    }
  }

  private static @Nullable TimelineId timelineOf(SpecificRecord body) {
    if (body instanceof WalBatch batch) {
      return TimelineId.of(batch.getTimeline().bytes());
    } else if (body instanceof WalRecord record) {
      return TimelineId.of(record.getTimeline().bytes());
    } else if (body instanceof WalTombstone tombstone) {
      return TimelineId.of(tombstone.getTimeline().bytes());
    } else if (body instanceof WalProgress progress) {
      return TimelineId.of(progress.getTimeline().bytes());
    }
    return null;
  }

  private static Lsn claimOf(SpecificRecord body) {
    if (body instanceof WalBatch batch) {
      return Lsn.of(batch.getEndLsn());
    } else if (body instanceof WalProgress progress) {
      return Lsn.of(progress.getLsn());
    }
    return Lsn.INVALID;
  }

  private static Lsn lastVersionOf(SpecificRecord body) {
    if (body instanceof WalBatch batch) {
      List<WalBatchEntry> entries = batch.getEntries();
      return entries.isEmpty() ? Lsn.INVALID : Lsn.of(entries.get(entries.size() - 1).getLsn());
    } else if (body instanceof WalRecord record) {
      return Lsn.of(record.getLsn());
    } else if (body instanceof WalTombstone tombstone) {
      return Lsn.of(tombstone.getLsn());
    }
    return Lsn.INVALID;
  }

  private static Optional<PageKey> lastKeyOf(SpecificRecord body) {
    if (!(body instanceof WalBatch batch) || batch.getEntries().isEmpty()) {
      return Optional.empty();
    }
    List<WalBatchEntry> entries = batch.getEntries();
    try {
      return Optional.of(PageKey.read(entries.get(entries.size() - 1).getKey().bytes(), 0));
    } catch (UnrepresentableKeyException e) {
      return Optional.empty();
    }
  }

  /** What has been read of one timeline. */
  private static final class Seen {
    private Lsn claim = Lsn.INVALID;
    private Lsn lastVersion = Lsn.INVALID;
    private int partition = -1;
    private OptionalInt postgresTimeline = OptionalInt.empty();
    private Optional<RecordMark> mark = Optional.empty();
    private long lastOffset = -1;
    private Optional<HeldBackup> backup = Optional.empty();

    void note(
        ConsumerRecord<byte[], byte[]> message,
        Lsn claimed,
        Lsn version,
        Optional<PageKey> lastKey) {
      if (message.offset() > lastOffset) {
        lastOffset = message.offset();
        backup = PostgresHeaders.backup(message.headers()).map(held -> held.upTo(lastKey));
      }
      // Every claim stays true, so the highest counts. Of equal ones the later: it may be on
      // another
      // of PostgreSQL's timelines.
      if (!claimed.equals(Lsn.INVALID) && !claimed.isBefore(claim)) {
        claim = claimed;
        partition = message.partition();
        postgresTimeline = PostgresHeaders.timeline(message.headers());
        mark = PostgresHeaders.mark(message.headers());
      }
      if (lastVersion.isBefore(version)) {
        lastVersion = version;
      }
    }

    boolean isFound() {
      return partition >= 0;
    }

    ResumePosition toPosition(int routed, long begin) {
      return new ResumePosition(
          isFound() ? partition : routed,
          claim,
          postgresTimeline,
          mark,
          lastVersion,
          begin,
          backup);
    }
  }

  /** Reads one partition backwards. */
  private final class PartitionScan {
    private final TopicPartition partition;
    private final long begin;
    private long next;
    private long window = FIRST_WINDOW;

    PartitionScan(TopicPartition partition) {
      this.partition = partition;
      List<TopicPartition> only = List.of(partition);
      consumer.assign(only);
      begin = consumer.beginningOffsets(only).getOrDefault(partition, 0L);
      next = consumer.endOffsets(only).getOrDefault(partition, begin);
    }

    /** Reads further back until each of these timelines has been found, or all has been read. */
    void until(Collection<TimelineId> timelines) {
      while (next > begin && timelines.stream().anyMatch(t -> !seen(t).isFound())) {
        long from = Math.max(begin, next - window);
        read(from, next);
        next = from;
        window = Math.min(LAST_WINDOW, window * 4);
      }
    }

    /** Reads offsets {@code from} inclusive to {@code to} exclusive; some may not exist. */
    private void read(long from, long to) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, from);
      long deadline = System.nanoTime() + patience.toNanos();
      long position = from;
      while (position < to) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
          if (message.offset() < to) {
            look(message);
          }
        }
        long moved = consumer.position(partition);
        if (moved > position) {
          position = moved;
          deadline = System.nanoTime() + patience.toNanos();
        } else if (System.nanoTime() > deadline) {
          throw ProduceException.unavailable(
              "kafka gives no messages while the last claim is looked for: partition="
                  + (partition + ", offset=" + position + ", end=" + to)
                  + (", waited=" + patience.toSeconds() + "s"),
              null);
        }
      }
    }
  }
}
