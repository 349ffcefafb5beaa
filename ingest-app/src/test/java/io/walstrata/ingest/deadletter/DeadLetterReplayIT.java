package io.walstrata.ingest.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.SharedServers;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Replays that meet each other, or what a killed one has left: each letter is sent once. */
class DeadLetterReplayIT {
  private static final DeadLetterSelection ALL =
      new DeadLetterSelection(Set.of(), null, null, 0, Long.MAX_VALUE);
  private static final List<String> BOTH = List.of("a", "b");

  private static BrokerServer broker;

  private String wal;
  private DeadLetterClients clients;
  private DeadLetters letters;

  @BeforeAll
  static void findBroker() {
    broker = SharedServers.broker();
  }

  @BeforeEach
  void writeTwoLetters(TestInfo test) throws Exception {
    wal = test.getTestMethod().orElseThrow().getName();
    clients = new DeadLetterClients(broker.bootstrapServers(), wal + "-dead", Map.of());
    letters = new DeadLetters(clients);
    broker.createTopic(wal, 1, Map.of());
    broker.createTopic(clients.topic(), 1, Map.of());
    try (Producer<byte[], byte[]> producer = producer(Map.of())) {
      for (String value : BOTH) {
        producer.send(letter(value)).get(10, TimeUnit.SECONDS);
      }
    }
  }

  private static Producer<byte[], byte[]> producer(Map<String, Object> more) {
    Map<String, Object> settings = new java.util.HashMap<>(more);
    settings.put("bootstrap.servers", broker.bootstrapServers());
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private ProducerRecord<byte[], byte[]> letter(String value) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(clients.topic(), 0, bytes("key"), bytes(value));
    letter.headers().add(DeadLetterHeaders.TOPIC, bytes(wal));
    letter.headers().add(DeadLetterHeaders.PARTITION, bytes("0"));
    letter.headers().add(DeadLetterHeaders.OFFSET, bytes("0"));
    return letter;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What the command does. */
  private static int sendAll(DeadLetterReplay replay) {
    List<DeadLetter> chosen =
        replay.list(ALL).stream()
            .filter(each -> !each.isReplayed())
            .map(DeadLetters.Listed::letter)
            .toList();
    replay.send(chosen, /* samePartition= */ true, sent -> {});
    return chosen.size();
  }

  /** Returns the values in the WAL topic that are committed; all is, when this is asked. */
  private List<String> sent() {
    TopicPartition partition = new TopicPartition(wal, 0);
    List<String> values = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "isolation.level",
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, -1L);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(100))) {
          values.add(new String(each.value(), StandardCharsets.UTF_8));
        }
      }
    }
    return values;
  }

  @Test
  void secondReplay_fencesTheFirst_whichHadListedTheSame() {
    try (DeadLetterReplay first = letters.replay()) {
      List<DeadLetter> listed = first.list(ALL).stream().map(DeadLetters.Listed::letter).toList();
      try (DeadLetterReplay second = letters.replay()) {
        assertThat(sendAll(second)).isEqualTo(2);
      }
      assertThatThrownBy(() -> first.send(listed, true, sent -> {}))
          .isInstanceOf(ProducerFencedException.class);
    }
    assertThat(sent()).isEqualTo(BOTH);
  }

  @Test
  void transactionOfAKilledReplay_isUndone_andItsLettersAreSent() throws Exception {
    try (Producer<byte[], byte[]> killed = clients.producer()) {
      killed.initTransactions();
      killed.beginTransaction();
      killed.send(new ProducerRecord<>(wal, 0, bytes("key"), bytes("a"))).get(10, TimeUnit.SECONDS);
      try (DeadLetterReplay next = letters.replay()) {
        assertThat(sendAll(next)).isEqualTo(2);
      }
    }
    assertThat(sent()).isEqualTo(BOTH);
  }

  /** Those who read committed records see no mark after it, but the letters before it. */
  @Test
  void marksAfterAnOpenTransactionOfTheJob_areWaitedFor() throws Exception {
    ExecutorService background = Executors.newSingleThreadExecutor();
    try (Producer<byte[], byte[]> job = producer(Map.of("transactional.id", wal));
        DeadLetterReplay first = letters.replay()) {
      List<DeadLetter> listed = first.list(ALL).stream().map(DeadLetters.Listed::letter).toList();
      job.initTransactions();
      job.beginTransaction();
      job.send(letter("c")).get(10, TimeUnit.SECONDS);
      first.send(listed, /* samePartition= */ true, sent -> {});
      assertThat(letters.list(ALL)).hasSize(2).noneMatch(DeadLetters.Listed::isReplayed);
      Future<Integer> second =
          background.submit(
              () -> {
                try (DeadLetterReplay replay = letters.replay()) {
                  return sendAll(replay);
                }
              });
      assertThatThrownBy(() -> second.get(2, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);
      job.commitTransaction();
      assertThat(second.get(30, TimeUnit.SECONDS)).as("the job's own letter alone").isEqualTo(1);
    } finally {
      background.shutdownNow();
    }
    assertThat(sent()).containsExactly("a", "b", "c");
  }
}
