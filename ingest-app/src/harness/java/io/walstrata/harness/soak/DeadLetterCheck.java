package io.walstrata.harness.soak;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Compares the dead-letter topic with the bad messages that were sent. */
final class DeadLetterCheck {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int QUIET_POLLS = 3;

  private final String bootstrapServers;
  private final SoakCounts counts;

  DeadLetterCheck(String bootstrapServers, SoakCounts counts) {
    this.bootstrapServers = bootstrapServers;
    this.counts = counts;
  }

  /**
   * Reads all dead letters, waiting for those that are expected: one for each bad message, more
   * than one only under at_least_once.
   */
  void check(String topic, Set<SoakLoad.TopicPosition> expected, Guarantee guarantee) {
    Map<SoakLoad.TopicPosition, Integer> letters = read(topic, expected);
    for (SoakLoad.TopicPosition position : expected) {
      if (!letters.containsKey(position)) {
        counts.mismatch("no dead letter of a bad message: topic=" + topic + " of=" + position);
      }
    }
    letters.forEach(
        (position, times) -> {
          counts.deadLetter();
          if (!expected.contains(position)) {
            counts.mismatch("dead letter of a good message: topic=" + topic + " of=" + position);
          } else if (times > 1 && guarantee == Guarantee.EXACTLY_ONCE_V2) {
            counts.mismatch("dead letters=" + times + " topic=" + topic + " of=" + position);
          }
        });
  }

  private Map<SoakLoad.TopicPosition, Integer> read(
      String topic, Set<SoakLoad.TopicPosition> expected) {
    Map<SoakLoad.TopicPosition, Integer> letters = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            new TreeMap<>(
                Map.of(
                    "bootstrap.servers", bootstrapServers,
                    "isolation.level", "read_committed",
                    "auto.offset.reset", "earliest")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic, 0)));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      int quiet = 0;
      while (quiet < QUIET_POLLS && System.nanoTime() - deadline < 0) {
        var polled = consumer.poll(POLL);
        polled.forEach(letter -> letters.merge(origin(letter), 1, Integer::sum));
        quiet = polled.isEmpty() && letters.keySet().containsAll(expected) ? quiet + 1 : 0;
      }
    }
    return letters;
  }

  private static SoakLoad.TopicPosition origin(ConsumerRecord<byte[], byte[]> letter) {
    return new SoakLoad.TopicPosition(
        (int) number(letter, DeadLetterHeaders.PARTITION),
        number(letter, DeadLetterHeaders.OFFSET));
  }

  private static long number(ConsumerRecord<byte[], byte[]> letter, String header) {
    return DeadLetterHeaders.read(letter.headers(), header).map(Long::parseLong).orElse(-1L);
  }
}
