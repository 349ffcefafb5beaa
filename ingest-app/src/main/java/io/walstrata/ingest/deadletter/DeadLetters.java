package io.walstrata.ingest.deadletter;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The letters of a dead-letter topic. For one thread.
 *
 * <p>Every method throws {@link org.apache.kafka.common.KafkaException} if the broker cannot be
 * asked, {@link TimeoutException} among them.
 */
public final class DeadLetters {
  /*
   * A letter that was sent again is marked by a record in the dead-letter topic itself, without key
   * and value, whose header names the letter's place. Record and mark are written in one
   * transaction: a replay that was interrupted is gone on with by running it again, and nothing is
   * sent twice.
   */

  /** Header of a mark: the place of the letter that was sent again, {@code partition:offset}. */
  static final String REPLAYED = "walstrata.dead-letter.replayed";

  /** Letters in one transaction, and about how many bytes: it has seconds to be done in. */
  private static final int BATCH = 100;

  private static final long BATCH_BYTES = 8 << 20;

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final DeadLetterClients clients;

  public DeadLetters(DeadLetterClients clients) {
    this.clients = clients;
  }

  /** A letter, and whether it was sent again. */
  public record Listed(DeadLetter letter, boolean isReplayed) {}

  /** Returns the selected letters in the order of the topic; reads it once, up to its end. */
  public List<Listed> list(DeadLetterSelection selection) {
    List<DeadLetter> letters = new ArrayList<>();
    Set<DeadLetter.Position> replayed = new HashSet<>();
    try (Consumer<byte[], byte[]> consumer = clients.consumer()) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long lastProgress = System.nanoTime();
      while (!isAtEnd(consumer, ends)) {
        boolean isEmpty = true;
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
          isEmpty = false;
          DeadLetterHeaders.read(each.headers(), REPLAYED)
              .flatMap(DeadLetter.Position::parse)
              .ifPresent(replayed::add);
          DeadLetter.of(each).filter(selection::contains).ifPresent(letters::add);
        }
        lastProgress = requireProgress(isEmpty, lastProgress);
      }
    }
    return letters.stream()
        .map(letter -> new Listed(letter, replayed.contains(letter.position())))
        .toList();
  }

  private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) {
    List<PartitionInfo> partitions = consumer.partitionsFor(clients.topic());
    if (partitions == null || partitions.isEmpty()) {
      throw new UnknownTopicOrPartitionException(
          "no such dead-letter topic: topic=" + clients.topic());
    }
    return partitions.stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  /** Not by the last record's offset: markers of transactions follow it. */
  private static boolean isAtEnd(
      Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private static long requireProgress(boolean isEmpty, long lastProgress) {
    long now = System.nanoTime();
    if (!isEmpty) {
      return now;
    }
    if (now - lastProgress > PATIENCE.toNanos()) {
      throw new TimeoutException("nothing more came for " + PATIENCE.toSeconds() + " s");
    }
    return lastProgress;
  }

  /** Is told of each transaction. */
  @FunctionalInterface
  public interface Progress {
    void sent(int letters);
  }

  /**
   * Sends letters again: the original bytes, key, timestamp, and headers other than those of dead
   * letters, to the topic that the record was read from.
   *
   * @param letters of {@link #list}; no letter twice
   * @param samePartition whether to the same partition too, rather than to the one that the key
   *     chooses
   * @throws org.apache.kafka.common.errors.ProducerFencedException if another replay of this topic
   *     has begun; what was told to {@code progress} is sent and marked
   */
  public void replay(Collection<DeadLetter> letters, boolean samePartition, Progress progress) {
    try (Consumer<byte[], byte[]> consumer = clients.consumer();
        Producer<byte[], byte[]> producer = clients.producer()) {
      producer.initTransactions();
      Fetch fetch = new Fetch(consumer);
      List<DeadLetter> batch = new ArrayList<>();
      long bytes = 0;
      for (DeadLetter letter : letters) {
        batch.add(letter);
        bytes += Math.max(0, letter.keyBytes()) + (long) Math.max(0, letter.valueBytes());
        if (batch.size() == BATCH || bytes >= BATCH_BYTES) {
          send(fetch, producer, batch, samePartition);
          progress.sent(batch.size());
          batch.clear();
          bytes = 0;
        }
      }
      if (!batch.isEmpty()) {
        send(fetch, producer, batch, samePartition);
        progress.sent(batch.size());
      }
    }
  }

  private void send(
      Fetch fetch,
      Producer<byte[], byte[]> producer,
      List<DeadLetter> batch,
      boolean samePartition) {
    producer.beginTransaction();
    try {
      Future<RecordMetadata> unused; // A send that fails fails the commit.
      for (DeadLetter letter : batch) {
        unused = producer.send(original(letter, fetch.get(letter.position()), samePartition));
        unused = producer.send(mark(letter.position()));
      }
      producer.commitTransaction();
    } catch (ProducerFencedException e) {
      throw e;
    } catch (KafkaException e) {
      producer.abortTransaction();
      throw e;
    }
  }

  /** Reads letters by place; those that follow each other in one go. */
  private final class Fetch {
    private final Consumer<byte[], byte[]> consumer;
    private final Map<DeadLetter.Position, ConsumerRecord<byte[], byte[]>> polled = new HashMap<>();

    Fetch(Consumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    ConsumerRecord<byte[], byte[]> get(DeadLetter.Position position) {
      ConsumerRecord<byte[], byte[]> known = polled.get(position);
      if (known != null) {
        return known;
      }
      TopicPartition partition = new TopicPartition(clients.topic(), position.partition());
      if (!consumer.assignment().equals(Set.of(partition))) {
        consumer.assign(List.of(partition));
      }
      consumer.seek(partition, position.offset());
      long started = System.nanoTime();
      polled.clear();
      while (polled.isEmpty()) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
          polled.put(DeadLetter.Position.of(each), each);
        }
        requireProgress(/* isEmpty= */ true, started);
      }
      ConsumerRecord<byte[], byte[]> letter = polled.get(position);
      if (letter == null) {
        throw new OffsetOutOfRangeException(
            "the topic's retention has deleted the dead letter meanwhile: position=" + position,
            Map.of(partition, position.offset()));
      }
      return letter;
    }
  }

  private static ProducerRecord<byte[], byte[]> original(
      DeadLetter letter, ConsumerRecord<byte[], byte[]> stored, boolean samePartition) {
    ProducerRecord<byte[], byte[]> record =
        record(
            letter.topic(),
            samePartition ? letter.partition() : null,
            letter.timestampMs() == 0 ? null : letter.timestampMs(),
            stored.key(),
            stored.value());
    for (Header header : stored.headers()) {
      if (!header.key().startsWith(DeadLetterHeaders.PREFIX)) {
        record.headers().add(header);
      }
    }
    return record;
  }

  private ProducerRecord<byte[], byte[]> mark(DeadLetter.Position position) {
    ProducerRecord<byte[], byte[]> mark =
        record(clients.topic(), position.partition(), null, null, null);
    mark.headers().add(REPLAYED, position.toString().getBytes(StandardCharsets.UTF_8));
    return mark;
  }

  /** Kafka takes null for all that is not given; its signatures do not say so. */
  @SuppressWarnings("NullAway")
  private static ProducerRecord<byte[], byte[]> record(
      String topic,
      @Nullable Integer partition,
      @Nullable Long timestampMs,
      byte @Nullable [] key,
      byte @Nullable [] value) {
    return new ProducerRecord<>(topic, partition, timestampMs, key, value);
  }
}
