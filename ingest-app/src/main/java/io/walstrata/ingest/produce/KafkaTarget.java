package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.ProduceException.Reason;
import io.walstrata.layerstore.page.TimelineId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Sends a topic's messages in order and stops for good at the first one that Kafka does not accept.
 *
 * <p>{@link #send} is for one thread; everything else is for any.
 */
final class KafkaTarget implements AutoCloseable {
  /*
   * Claims rely on one property: if a message is in the topic, all earlier ones of its partition are.
   * An idempotent producer keeps the order while it retries. But once it fails a batch, it starts a
   * new epoch and would deliver the batches after it, which leaves a gap. So the callback of the
   * first failure closes the producer at once, on the producer's own I/O thread: nothing after the
   * failed batch is sent, and what is on its way has sequence numbers that the broker refuses.
   */

  private final Producer<byte[], byte[]> producer;
  private final MessageCodec codec;
  private final String topic;
  private final int maxMessageBytes;
  private final InstantSource clock;

  private final AtomicLong outstanding = new AtomicLong();
  private volatile long lastMovedNanos = System.nanoTime();
  private volatile @Nullable ProduceException failure;
  private long lastTimestamp;

  /**
   * @param maxMessageBytes the largest value of a message that {@link #send} accepts
   * @param clock for the timestamps of messages, which never decrease
   */
  KafkaTarget(
      Producer<byte[], byte[]> producer,
      MessageCodec codec,
      String topic,
      int maxMessageBytes,
      InstantSource clock) {
    this.producer = producer;
    this.codec = codec;
    this.topic = topic;
    this.maxMessageBytes = maxMessageBytes;
    this.clock = clock;
  }

  int maxMessageBytes() {
    return maxMessageBytes;
  }

  String topic() {
    return topic;
  }

  /**
   * Sends one message to Kafka. Blocks while the producer's buffer is full.
   *
   * @param route partition, key and headers
   * @param onAck runs on the producer's I/O thread, in the order of sending, once all replicas that
   *     must have the message have it
   * @throws ProduceException if this or an earlier message cannot be sent
   */
  @SuppressWarnings("FutureReturnValueIgnored") // The callback gets the same result.
  void send(Route route, SpecificRecord message, Runnable onAck) {
    checkFailed();
    byte[] value = codec.encode(topic, message);
    if (value.length > maxMessageBytes) {
      throw fail(tooLarge(message, value.length));
    }
    lastTimestamp = Math.max(lastTimestamp, clock.millis());
    if (outstanding.getAndIncrement() == 0) {
      lastMovedNanos = System.nanoTime();
    }
    ProducerRecord<byte[], byte[]> kafkaRecord =
        new ProducerRecord<>(
            topic, route.partition(), lastTimestamp, route.key().toBytes(), value, route.headers());
    try {
      producer.send(kafkaRecord, (metadata, exception) -> completed(route, exception, onAck));
    } catch (InterruptException e) {
      outstanding.decrementAndGet();
      throw ProduceException.unavailable(
          "interrupted while Kafka did not accept messages: topic=" + topic, e);
    } catch (KafkaException | IllegalStateException e) {
      outstanding.decrementAndGet();
      throw fail(notSent(route.partition(), e));
    }
  }

  private void completed(Route route, @Nullable Exception exception, Runnable onAck) {
    lastMovedNanos = System.nanoTime();
    if (exception != null) {
      fail(notSent(route.partition(), exception));
      producer.close(Duration.ZERO);
    } else if (failure == null) {
      onAck.run();
    }
    outstanding.decrementAndGet(); // Last: a thread that reads 0 sees all acknowledged.
  }

  /** Keeps the first failure and returns it. */
  private synchronized ProduceException fail(ProduceException e) {
    if (failure == null) {
      failure = e;
    }
    return failure;
  }

  /** Throws the failure that stopped this target, if there was one. */
  void checkFailed() {
    ProduceException known = failure;
    if (known != null) {
      throw new ProduceException(known.reason(), String.valueOf(known.getMessage()), known);
    }
  }

  /** Returns whether a message could not be sent: no later one can be either. */
  boolean hasFailed() {
    return failure != null;
  }

  /** Returns how many messages Kafka has not acknowledged. */
  long outstanding() {
    return outstanding.get();
  }

  /**
   * Returns for how long Kafka has acknowledged nothing of what was sent; 0 if nothing is
   * outstanding.
   */
  Duration stalledFor() {
    return outstanding.get() == 0
        ? Duration.ZERO
        : Duration.ofNanos(System.nanoTime() - lastMovedNanos);
  }

  /**
   * Sends what is buffered and closes the connection.
   *
   * @param timeout how long to wait for Kafka; what it has not acknowledged then may or may not be
   *     in the topic
   * @throws ProduceException if not everything was acknowledged
   */
  void close(Duration timeout) {
    long unsent;
    boolean interrupted = Thread.interrupted();
    try {
      producer.close(timeout);
    } finally {
      unsent = outstanding.get();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    checkFailed();
    if (unsent > 0) {
      throw ProduceException.unavailable(
          "kafka did not acknowledge the last messages in time, the next start sends them again:"
              + (" topic=" + topic + ", messages=" + unsent + ", waited=" + timeout.toSeconds())
              + "s",
          null);
    }
  }

  /** Closes without sending anything more. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }

  private ProduceException tooLarge(SpecificRecord message, int length) {
    return ProduceException.failed(
        "a message is larger than the producer may send: topic="
            + (topic + ", type=" + message.getSchema().getName() + ", bytes=" + length)
            + (", limit=" + maxMessageBytes)
            + "; raise producer.max.request.size and the topic's max.message.bytes");
  }

  private ProduceException notSent(int partition, Exception cause) {
    String advice =
        cause instanceof RecordTooLargeException
            ? "; raise producer.max.request.size and the topic's max.message.bytes"
            : "; nothing after it was sent, start again to resume from the last claim";
    return new ProduceException(
        Reason.FAILED,
        "kafka did not accept a message: topic="
            + (topic + ", partition=" + partition + ", cause=" + cause.getClass().getSimpleName())
            + (": " + cause.getMessage() + advice),
        cause);
  }

  /**
   * Where a timeline's messages go.
   *
   * @param partition always the same one, even if partitions are added to the topic: a timeline's
   *     history must not be divided
   * @param key whose bytes are the routing key
   * @param headers put on each message
   */
  record Route(int partition, TimelineId key, List<Header> headers) {
    /** Returns the same route with one more header. */
    Route with(Header header) {
      List<Header> all = new ArrayList<>(headers);
      all.add(header);
      return new Route(partition, key, all);
    }
  }
}
