package io.walstrata.ingest.deadletter;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Sends letters again in one run, each at most once over all runs. For one thread.
 *
 * <p>Every method throws {@link KafkaException} if the broker does not answer.
 */
public final class DeadLetterReplay implements Closeable {
  /*
   * A letter that was sent again is marked by a record in the dead-letter topic itself, without key
   * and value, whose header has the letter's position. Record and mark are written in one
   * transaction: to continue a replay that was interrupted, run it again.
   *
   * Two runs cannot both miss the other's marks. The producer's start ends the transaction that
   * another run has open, and lets it write no more; only then the marks are read, up to the end of
   * the topic, so that transactions of the job before them are waited for.
   */

  /** Letters in one transaction, and about how many bytes: it has to end within seconds. */
  private static final int BATCH = 100;

  private static final long BATCH_BYTES = 8 << 20;

  private final DeadLetters letters;
  private final DeadLetterClients clients;
  private final Producer<byte[], byte[]> producer;

  DeadLetterReplay(DeadLetters letters, DeadLetterClients clients) {
    this.letters = letters;
    this.clients = clients;
    this.producer = clients.producer();
    try {
      producer.initTransactions();
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /** Called after each transaction. */
  @FunctionalInterface
  public interface Progress {
    void sent(int letters);
  }

  /**
   * Returns the selected letters in the order of the topic, those that were sent before marked as
   * such: no other run sends any from here on, or {@link #send} fails.
   *
   * @throws org.apache.kafka.common.errors.TimeoutException also if a transaction of the job on
   *     this topic stays open for half a minute
   */
  public List<DeadLetters.Listed> list(DeadLetterSelection selection) {
    List<DeadLetters.Listed> listed = new ArrayList<>();
    forEach(selection, listed::add);
    return listed;
  }

  private void forEach(DeadLetterSelection selection, DeadLetters.Visitor visitor) {
    try (Consumer<byte[], byte[]> consumer = clients.consumer();
        Consumer<byte[], byte[]> measure = clients.uncommittedConsumer()) {
      letters.forEach(selection, consumer, measure, visitor);
    }
  }

  /**
   * Sends letters again while it visits them, as {@link #send(Collection, boolean, Progress)} does.
   * No more than a transaction's letters are in memory.
   *
   * @param chooser returns whether to send a selected letter
   * @param limit how many to send at most
   */
  public void send(
      DeadLetterSelection selection,
      Predicate<DeadLetters.Listed> chooser,
      long limit,
      boolean samePartition,
      Progress progress) {
    try (Consumer<byte[], byte[]> consumer = clients.wholeConsumer()) {
      Batch batch = new Batch(new Fetch(consumer), samePartition, progress);
      long[] left = {limit};
      forEach(
          selection,
          listed -> {
            if (left[0] > 0 && chooser.test(listed)) {
              batch.add(listed.letter());
              left[0]--;
            }
            return left[0] > 0;
          });
      batch.send();
    }
  }

  /**
   * Sends letters again: the original bytes, key, timestamp, and headers other than those of dead
   * letters, to the topic that the record was read from.
   *
   * @param chosen of {@link #list}; no letter twice
   * @param samePartition whether to the same partition too, rather than to the one that the key
   *     chooses
   * @throws ProducerFencedException if another replay of this topic has begun; what was reported to
   *     {@code progress} is sent and marked
   */
  public void send(Collection<DeadLetter> chosen, boolean samePartition, Progress progress) {
    try (Consumer<byte[], byte[]> consumer = clients.wholeConsumer()) {
      Batch batch = new Batch(new Fetch(consumer), samePartition, progress);
      chosen.forEach(batch::add);
      batch.send();
    }
  }

  /** Letters of one transaction. */
  private final class Batch {
    private final Fetch fetch;
    private final boolean samePartition;
    private final Progress progress;
    private final List<DeadLetter> waiting = new ArrayList<>();
    private long bytes;

    Batch(Fetch fetch, boolean samePartition, Progress progress) {
      this.fetch = fetch;
      this.samePartition = samePartition;
      this.progress = progress;
    }

    void add(DeadLetter letter) {
      waiting.add(letter);
      bytes += Math.max(0, letter.keyBytes()) + (long) Math.max(0, letter.valueBytes());
      if (waiting.size() == BATCH || bytes >= BATCH_BYTES) {
        send();
      }
    }

    void send() {
      if (!waiting.isEmpty()) {
        DeadLetterReplay.this.send(fetch, waiting, samePartition);
        progress.sent(waiting.size());
        waiting.clear();
        bytes = 0;
      }
    }
  }

  @Override
  public void close() {
    producer.close();
  }

  private void send(Fetch fetch, List<DeadLetter> batch, boolean samePartition) {
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

  /** Reads letters by position. */
  private final class Fetch {
    private final Consumer<byte[], byte[]> consumer;

    Fetch(Consumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    ConsumerRecord<byte[], byte[]> get(DeadLetter.Position position) {
      TopicPartition partition = new TopicPartition(clients.topic(), position.partition());
      if (!consumer.assignment().equals(Set.of(partition))) {
        consumer.assign(List.of(partition));
      }
      consumer.seek(partition, position.offset());
      long started = System.nanoTime();
      ConsumerRecord<byte[], byte[]> letter = null;
      while (letter == null) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(DeadLetters.POLL)) {
          letter = each;
        }
        DeadLetters.requireProgress(/* isEmpty= */ true, started);
      }
      if (letter.offset() != position.offset()) {
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
    mark.headers().add(DeadLetters.REPLAYED, position.toString().getBytes(StandardCharsets.UTF_8));
    return mark;
  }

  /** Kafka accepts null for all that is not given; its signatures do not show that. */
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
