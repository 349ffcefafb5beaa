package io.walstrata.harness.soak;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.schemas.serde.WalSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the load of several timelines: what each of them makes, some of it twice, and now and then
 * a message that is bad. Steps are for one thread; the other methods are for any.
 */
final class SoakLoad implements AutoCloseable {
  /** Longer than any stop of the broker: the producer must not give up what was sent. */
  private static final int PATIENCE_MS = 10 * 60 * 1000;

  private static final int REPEATABLE = 50;

  private final String topic;
  private final int partitions;
  private final Random random;
  private final List<TimelineLoad> timelines = new ArrayList<>();
  private final List<Sent> recent = new ArrayList<>();
  private final KafkaProducer<byte[], byte[]> producer;
  private final WalSerializer serializer;
  private final Set<TopicPosition> bad = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Exception failure;

  /** Where a message is in the topic. */
  record TopicPosition(int partition, long offset) {}

  private static final class Sent {
    final int timeline;
    final byte[] message;

    Sent(int timeline, byte[] message) {
      this.timeline = timeline;
      this.message = message;
    }
  }

  /**
   * @param timelines how many; they are spread over the partitions in turn
   */
  SoakLoad(
      String bootstrapServers,
      String registryUrl,
      String topic,
      int partitions,
      int timelines,
      long seed) {
    this.topic = topic;
    this.partitions = partitions;
    this.random = new Random(seed);
    for (int i = 0; i < timelines; i++) {
      this.timelines.add(new TimelineLoad(new TimelineId(seed, i + 1), random.nextLong()));
    }
    this.serializer = new WalSerializer(Map.of("schema.registry.url", registryUrl));
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "linger.ms",
                "5",
                "delivery.timeout.ms",
                Integer.toString(PATIENCE_MS),
                "max.block.ms",
                Integer.toString(PATIENCE_MS)),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  List<TimelineLoad> timelines() {
    return timelines;
  }

  /** Returns the positions of the bad messages that the broker has acknowledged. */
  Set<TopicPosition> bad() {
    return Set.copyOf(bad);
  }

  /** Sends one message. */
  void step() {
    int dice = random.nextInt(1000);
    int number = random.nextInt(timelines.size());
    TimelineLoad timeline = timelines.get(number);
    if (dice < 4 && timeline.ledger().lastLsn().isValid()) {
      sendBad(number, timeline, dice);
    } else if (dice < 50 && !recent.isEmpty()) {
      Sent again = recent.get(random.nextInt(recent.size()));
      send(again.timeline, again.message, Lsn.INVALID);
    } else {
      byte[] message = serializer.write(topic, timeline.next());
      send(number, message, timeline.ledger().lastLsn());
      remember(new Sent(number, message));
    }
  }

  private void remember(Sent sent) {
    if (recent.size() < REPEATABLE) {
      recent.add(sent);
    } else {
      recent.set(random.nextInt(REPEATABLE), sent);
    }
  }

  private void send(int timeline, byte[] message, Lsn lastLsn) {
    Ledger ledger = timelines.get(timeline).ledger();
    send(timeline, message, metadata -> ledger.acknowledge(lastLsn));
  }

  private void sendBad(int number, TimelineLoad timeline, int dice) {
    byte @Nullable [] message =
        switch (dice) {
          case 0 -> new byte[] {'b', 'a', 'd'};
          case 1 -> null;
          default -> serializer.write(topic, timeline.late());
        };
    send(
        number,
        message,
        metadata -> bad.add(new TopicPosition(metadata.partition(), metadata.offset())));
  }

  private void send(
      int timeline, byte @Nullable [] message, Consumer<RecordMetadata> acknowledged) {
    // The callback takes the outcome.
    var unused =
        producer.send(
            record(timeline, message),
            (metadata, exception) -> {
              if (exception != null) {
                failure = exception;
              } else {
                acknowledged.accept(metadata);
              }
            });
  }

  @SuppressWarnings("NullAway") // Kafka takes null values; its signatures do not show it.
  private ProducerRecord<byte[], byte[]> record(int timeline, byte @Nullable [] message) {
    byte[] key = timelines.get(timeline).timeline().toBytes();
    return new ProducerRecord<>(topic, timeline % partitions, key, message);
  }

  /**
   * Returns when the broker has acknowledged everything.
   *
   * @throws IOException if it has refused something, so that it is unknown what the topic holds
   */
  void flush() throws IOException {
    producer.flush();
    check();
  }

  /** Throws if something could not be sent. */
  void check() throws IOException {
    Exception failed = failure;
    if (failed != null) {
      throw new IOException("the broker has refused a message: error=" + failed, failed);
    }
  }

  @Override
  public void close() {
    producer.close();
    serializer.close();
  }
}
