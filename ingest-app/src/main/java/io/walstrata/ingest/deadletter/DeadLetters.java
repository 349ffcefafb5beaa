package io.walstrata.ingest.deadletter;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The letters of a dead-letter topic. For one thread.
 *
 * <p>Every method throws {@link org.apache.kafka.common.KafkaException} if the broker cannot be
 * asked, {@link TimeoutException} among them.
 */
public final class DeadLetters {
  /** Header of a mark: the place of the letter that was sent again, {@code partition:offset}. */
  static final String REPLAYED = "walstrata.dead-letter.replayed";

  static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final DeadLetterClients clients;

  public DeadLetters(DeadLetterClients clients) {
    this.clients = clients;
  }

  /** A letter, and whether it was sent again. */
  public record Listed(DeadLetter letter, boolean isReplayed) {}

  /**
   * Returns the selected letters in the order of the topic; reads it once, up to its end, or to the
   * first transaction that is open.
   */
  public List<Listed> list(DeadLetterSelection selection) {
    try (Consumer<byte[], byte[]> consumer = clients.consumer()) {
      return list(selection, consumer, consumer);
    }
  }

  /**
   * Begins to send letters again. From here on, any other replay of this topic fails; what the last
   * one had not committed is undone. To be closed before this.
   */
  public DeadLetterReplay replay() {
    return new DeadLetterReplay(this, clients);
  }

  /**
   * @param measure says where the end is; if it sees what is not committed, the transactions that
   *     are open are waited for
   */
  List<Listed> list(
      DeadLetterSelection selection,
      Consumer<byte[], byte[]> consumer,
      Consumer<byte[], byte[]> measure) {
    List<DeadLetter> letters = new ArrayList<>();
    Set<DeadLetter.Position> replayed = new HashSet<>();
    List<TopicPartition> partitions = partitions(consumer);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = measure.endOffsets(partitions);
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

  static long requireProgress(boolean isEmpty, long lastProgress) {
    long now = System.nanoTime();
    if (!isEmpty) {
      return now;
    }
    if (now - lastProgress > PATIENCE.toNanos()) {
      throw new TimeoutException(
          "nothing more came for " + PATIENCE.toSeconds() + " s, a transaction may be open");
    }
    return lastProgress;
  }
}
