package io.walstrata.ingest.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must not be in a WAL topic, and a registry that goes away: the job goes on. */
class BadInputIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final byte[] ROUTING_KEY = new byte[16];

  @TempDir static Path folder;
  private static BrokerServer broker;
  private static RegistryServer registry;

  @BeforeAll
  static void startServers() {
    Distribution distribution = Distribution.locate();
    broker = new BrokerServer(distribution, folder.resolve("broker"));
    registry = new RegistryServer(distribution, folder.resolve("registry"));
    broker.start();
    registry.start();
  }

  @AfterAll
  static void stopServers() {
    registry.close();
    broker.close();
  }

  private static JobProcess job(String topic) {
    return job(topic, Map.of());
  }

  private static JobProcess job(String topic, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("wal.topics", topic);
    settings.put("application.id", topic);
    settings.put("freeze.offsets", "40");
    settings.put("streams.commit.interval.ms", "200");
    return new JobProcess(
        Distribution.locate(), folder.resolve("job-" + topic), broker, registry, settings);
  }

  @Test
  void badMessages_goToTheDeadLetterTopic_onceEach() throws Exception {
    broker.createTopic("bad", 1, Map.of());
    Map<Long, byte @Nullable []> bad = new HashMap<>();
    try (TestLoad load = new TestLoad(broker, registry, "bad", 7);
        JobProcess job = job("bad")) {
      steps(load, 40);
      bad.put(offset(load, ROUTING_KEY, text("garbage")), text("garbage"));
      steps(load, 20);
      byte[] unknownSchema = {0, 0x7F, 0, 0, 1, 2, 3, 4};
      bad.put(offset(load, ROUTING_KEY, unknownSchema), unknownSchema);
      bad.put(offset(load, null, text("no key")), text("no key"));
      bad.put(offset(load, ROUTING_KEY, null), null);
      bad.put(offset(load, ROUTING_KEY, new byte[0]), new byte[0]);
      steps(load, 60);
      job.start();
      JobQuestions questions = new JobQuestions(job.url(), load.timeline());
      questions.await(load.ledger().lastLsn(), PATIENCE);
      assertKnowsAll(questions, load.ledger());
      Map<Long, ConsumerRecord<byte[], byte[]>> letters = deadLetters("bad", bad.size());
      assertThat(letters).containsOnlyKeys(bad.keySet());
      letters.forEach((offset, letter) -> assertThat(letter.value()).isEqualTo(bad.get(offset)));
      assertThat(letters.values().stream().map(BadInputIT::reason))
          .containsExactlyInAnyOrder(
              "undecodable", "undecodable", "unknown_schema", "null_key", "null_value");

      // Restored after a kill, they are refused again, without new letters.
      job.kill();
      job.start();
      questions.await(load.ledger().lastLsn(), PATIENCE);
      steps(load, 10);
      questions.await(load.ledger().lastLsn(), PATIENCE);
      assertKnowsAll(questions, load.ledger());
      assertThat(deadLetters("bad", bad.size())).hasSameSizeAs(bad);
    }
  }

  @Test
  void registryAway_isWaitedFor() throws Exception {
    broker.createTopic("away", 1, Map.of());
    try (TestLoad load = new TestLoad(broker, registry, "away", 8);
        JobProcess job = job("away")) {
      load.registerTombstones();
      steps(load, 30);
      job.start();
      JobQuestions questions = new JobQuestions(job.url(), load.timeline());
      questions.await(load.ledger().lastLsn(), PATIENCE);
      registry.stop();
      // A schema that the job has not met yet: it cannot go on without the registry.
      load.tombstone();
      load.flush();
      Lsn stuck = load.ledger().lastLsn();
      Thread.sleep(4_000);
      assertThat(questions.lastLsn()).isLessThan(stuck);
      assertThat(job.isRunning()).isTrue();
      registry.start();
      questions.await(stuck, PATIENCE);
      steps(load, 30);
      questions.await(load.ledger().lastLsn(), PATIENCE);
      assertKnowsAll(questions, load.ledger());
      assertThat(deadLetters("away", 0)).isEmpty();
    }
  }

  /** The member is thrown out of its group while it waits, and comes back. */
  @Test
  void registryAway_forLongerThanThePollInterval_theJobComesBackByItself() throws Exception {
    broker.createTopic("away-long", 1, Map.of());
    try (TestLoad load = new TestLoad(broker, registry, "away-long", 9);
        JobProcess job = job("away-long", Map.of("streams.consumer.max.poll.interval.ms", "2000"));
        Admin admin = broker.admin()) {
      load.registerTombstones();
      steps(load, 50);
      job.start();
      JobQuestions questions = new JobQuestions(job.url(), load.timeline());
      questions.await(load.ledger().lastLsn(), PATIENCE);
      registry.stop();
      load.tombstone();
      steps(load, 0);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  Objects.requireNonNull(
                          admin
                              .describeConsumerGroups(List.of("away-long"))
                              .all()
                              .get(10, TimeUnit.SECONDS)
                              .get("away-long"))
                      .members()
                      .isEmpty());
      assertThat(job.isRunning()).isTrue();
      registry.start();
      steps(load, 30);
      questions.await(load.ledger().lastLsn(), PATIENCE);
      assertKnowsAll(questions, load.ledger());
      assertThat(deadLetters("away-long", 0)).isEmpty();
    }
  }

  private static void steps(TestLoad load, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      load.step();
    }
    load.flush();
  }

  private static void assertKnowsAll(JobQuestions questions, Ledger ledger) throws Exception {
    for (PageKey key : ledger.keys()) {
      for (Lsn lsn : ledger.lsns(key)) {
        assertThat(questions.read(key, lsn)).isEqualTo(ledger.read(key, lsn));
      }
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static long offset(TestLoad load, byte @Nullable [] key, byte @Nullable [] value)
      throws Exception {
    return load.sendBytes(key, value).get(30, TimeUnit.SECONDS).offset();
  }

  private static String reason(ConsumerRecord<byte[], byte[]> letter) {
    return header(letter, DeadLetterHeaders.REASON);
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    return DeadLetterHeaders.read(letter.headers(), name).orElseThrow();
  }

  /**
   * Returns the job's dead letters by the offset they came from; waits for the expected number, and
   * a little longer for one too many.
   */
  private static Map<Long, ConsumerRecord<byte[], byte[]>> deadLetters(String topic, int expected) {
    Map<Long, ConsumerRecord<byte[], byte[]>> letters = new HashMap<>();
    List<Long> offsets = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "auto.offset.reset", "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic + "-dead-letters", 0)));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      int quiet = 0;
      while (quiet < 3 && System.nanoTime() - deadline < 0) {
        var polled = consumer.poll(Duration.ofMillis(300));
        quiet = polled.isEmpty() && offsets.size() >= expected ? quiet + 1 : 0;
        for (ConsumerRecord<byte[], byte[]> letter : polled) {
          assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo(topic);
          assertThat(header(letter, DeadLetterHeaders.PARTITION)).isEqualTo("0");
          long offset = Long.parseLong(header(letter, DeadLetterHeaders.OFFSET));
          offsets.add(offset);
          letters.put(offset, letter);
        }
      }
    }
    assertThat(offsets).doesNotHaveDuplicates();
    return letters;
  }
}
