package io.walstrata.ingest.deadletter;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
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
  /** Header of a mark: position of the letter that was sent again, {@code partition:offset}. */
  static final String REPLAYED = "walstrata.dead-letter.replayed";

  static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final DeadLetterClients clients;

  public DeadLetters(DeadLetterClients clients) {
    this.clients = clients;
  }

  /** A letter, and whether it was sent again. */
  public record Listed(DeadLetter letter, boolean isReplayed) {}

  /** Is called for each letter. */
  @FunctionalInterface
  public interface Visitor {
    /** Returns whether to continue. */
    boolean visit(Listed letter);
  }

  /** Returns the selected letters as {@link #forEach} visits them: all of them are in memory. */
  public List<Listed> list(DeadLetterSelection selection) {
    List<Listed> letters = new ArrayList<>();
    forEach(selection, letters::add);
    return letters;
  }

  /**
   * Visits the selected letters in the order of the topic, until the visitor returns false. Reads
   * the topic twice, up to its end, or to the first transaction that is open: a mark that a letter
   * was sent again comes after it. In memory is one bit for each record of the topic.
   */
  public void forEach(DeadLetterSelection selection, Visitor visitor) {
    try (Consumer<byte[], byte[]> consumer = clients.consumer()) {
      forEach(selection, consumer, consumer, visitor);
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
   * @param measure for the end offsets; if it reads uncommitted records, open transactions are
   *     waited for
   */
  void forEach(
      DeadLetterSelection selection,
      Consumer<byte[], byte[]> consumer,
      Consumer<byte[], byte[]> measure,
      Visitor visitor) {
    List<TopicPartition> partitions = partitions(consumer);
    consumer.assign(partitions);
    ReplayMarks marks = new ReplayMarks(consumer.beginningOffsets(partitions));
    Map<TopicPartition, Long> ends = measure.endOffsets(partitions);
    read(
        consumer,
        ends,
        each -> {
          DeadLetterHeaders.read(each.headers(), REPLAYED)
              .flatMap(DeadLetter.Position::parse)
              .ifPresent(marks::add);
          return true;
        });
    read(
        consumer,
        ends,
        each ->
            DeadLetter.of(each)
                .filter(selection::contains)
                .map(letter -> new Listed(letter, marks.contains(letter.position())))
                .map(visitor::visit)
                .orElse(true));
  }

  private static void read(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends,
      Predicate<ConsumerRecord<byte[], byte[]>> visitor) {
    consumer.seekToBeginning(ends.keySet());
    long lastProgress = System.nanoTime();
    while (!isAtEnd(consumer, ends)) {
      boolean isEmpty = true;
      for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
        isEmpty = false;
        if (!visitor.test(each)) {
          return;
        }
      }
      lastProgress = requireProgress(isEmpty, lastProgress);
    }
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
          "no more records for " + PATIENCE.toSeconds() + " s, a transaction may be open");
    }
    return lastProgress;
  }
}
