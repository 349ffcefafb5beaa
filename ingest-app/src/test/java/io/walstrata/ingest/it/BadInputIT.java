package io.walstrata.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walstrata.harness.servers.EmbeddedServer;
import io.walstrata.harness.servers.JobProcess;
import io.walstrata.harness.soak.JobReads;
import io.walstrata.ingest.BadRecords;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import io.walstrata.schemas.serde.WalSerializer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** What must not be in a WAL topic, and a registry that goes away: the job continues. */
class BadInputIT extends WithServers {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static JobProcess job(String topic) {
    return job(topic, Map.of());
  }

  private static JobProcess job(String topic, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("freeze.offsets", "40");
    return process(topic, settings);
  }

  @Test
  void badMessages_goToTheDeadLetterTopic_onceEach() throws Exception {
    broker.createTopic("bad", 1, Map.of());
    Map<Long, BadRecords.Sample> bad = new HashMap<>();
    try (TestLoad load = new TestLoad(broker, registry, "bad", 7);
        JobProcess job = job("bad", Map.of("timelines.max", "1"))) {
      load.steps(60);
      bad.putAll(sendBad("bad", load.timeline()));
      load.steps(60);
      job.start();
      JobReads reads = new JobReads(List.of(job.url()), PATIENCE);
      reads.await(load.timeline(), load.ledger().lastLsn());
      assertKnowsAll(reads, load);
      Map<Long, ConsumerRecord<byte[], byte[]>> letters = deadLetters("bad", bad.size());
      assertThat(letters).containsOnlyKeys(bad.keySet());
      letters.forEach((offset, letter) -> assertIsOf(letter, bad.get(offset)));

      // Restored after a kill, they are refused again, without new letters.
      job.kill();
      job.start();
      reads.await(load.timeline(), load.ledger().lastLsn());
      load.steps(10);
      reads.await(load.timeline(), load.ledger().lastLsn());
      assertKnowsAll(reads, load);
      assertThat(deadLetters("bad", bad.size())).hasSameSizeAs(bad);
    }
  }

  /** Sends one of every kind, compressed: the largest is let into a topic of 1 MB messages. */
  private static Map<Long, BadRecords.Sample> sendBad(String topic, TimelineId timeline)
      throws Exception {
    Map<Long, BadRecords.Sample> sent = new HashMap<>();
    Map<String, ?> settings = Map.of("schema.registry.url", registry.url());
    try (WalSerializer serializer = new WalSerializer(settings);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of(
                    "bootstrap.servers",
                    broker.bootstrapServers(),
                    "compression.type",
                    "lz4",
                    "max.request.size",
                    128 << 20,
                    "buffer.memory",
                    128 << 20),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      for (BadRecords.Sample sample : BadRecords.of(topic, serializer, settings, timeline)) {
        long offset =
            producer.send(BadRecords.record(topic, 0, sample)).get(30, TimeUnit.SECONDS).offset();
        sent.put(offset, sample);
      }
    }
    assertThat(sent.values())
        .as("a sample for every reason")
        .extracting(BadRecords.Sample::reason)
        .containsAll(Arrays.stream(BadRecordReason.values()).map(BadRecordReason::code).toList());
    return sent;
  }

  private static void assertIsOf(ConsumerRecord<byte[], byte[]> letter, BadRecords.Sample sample) {
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo(sample.reason());
    assertThat(header(letter, DeadLetterHeaders.MESSAGE)).isNotBlank();
    assertThat(header(letter, DeadLetterHeaders.TIMESTAMP))
        .isEqualTo(Long.toString(BadRecords.TIMESTAMP));
    assertThat(header(letter, BadRecords.HEADER)).isEqualTo(sample.reason());
    assertThat(letter.key()).isEqualTo(sample.key());
    assertThat(Arrays.equals(letter.value(), sample.value())).as(sample.reason()).isTrue();
  }

  @Test
  void registryAway_isWaitedFor() throws Exception {
    broker.createTopic("away", 1, Map.of());
    try (TestLoad load = new TestLoad(broker, registry, "away", 8);
        JobProcess job = job("away")) {
      load.registerTombstones();
      load.steps(30);
      job.start();
      JobReads reads = new JobReads(List.of(job.url()), PATIENCE);
      reads.await(load.timeline(), load.ledger().lastLsn());
      registry.stop();
      // A schema that the job has not met yet: it cannot continue without the registry.
      load.tombstone();
      load.flush();
      Lsn stuck = load.ledger().lastLsn();
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertHealth(job, "/health/live", "registry unavailable since"));
      assertThat(reads.lastLsn(load.timeline())).isLessThan(stuck);
      assertThat(job.isRunning()).isTrue();
      assertHealth(job, "/health/ready", "registry unavailable since");
      registry.start();
      reads.await(load.timeline(), stuck);
      load.steps(30);
      reads.await(load.timeline(), load.ledger().lastLsn());
      assertKnowsAll(reads, load);
      assertThat(deadLetters("away", 0)).isEmpty();
    }
  }

  /** One that takes longer to answer than is waited for, on connections that stay open. */
  @Test
  void registryHangs_isWaitedFor() throws Exception {
    broker.createTopic("hangs", 1, Map.of());
    try (TestLoad load = new TestLoad(broker, registry, "hangs", 8);
        JobProcess job = job("hangs", Map.of("registry.http.read.timeout.ms", "1500"))) {
      load.registerTombstones();
      load.steps(30);
      job.start();
      JobReads reads = new JobReads(List.of(job.url()), PATIENCE);
      reads.await(load.timeline(), load.ledger().lastLsn());
      signal("STOP", registry);
      try {
        load.tombstone();
        load.flush();
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertHealth(
                        job, "/health/ready", "registry unavailable since", "Read timed out"));
        assertThat(reads.lastLsn(load.timeline())).isLessThan(load.ledger().lastLsn());
      } finally {
        signal("CONT", registry);
      }
      load.steps(30);
      reads.await(load.timeline(), load.ledger().lastLsn());
      assertKnowsAll(reads, load);
      assertThat(deadLetters("hangs", 0)).isEmpty();
    }
  }

  private static void signal(String signal, EmbeddedServer server) throws Exception {
    int status =
        new ProcessBuilder("kill", "-s", signal, Long.toString(server.pid())).start().waitFor();
    assertThat(status).as("kill -s " + signal).isZero();
  }

  /** The member is thrown out of its group while it waits, and comes back. */
  @Test
  void registryAway_forLongerThanThePollInterval_theJobComesBackByItself() throws Exception {
    broker.createTopic("away-long", 1, Map.of());
    try (TestLoad load = new TestLoad(broker, registry, "away-long", 9);
        JobProcess job = job("away-long", Map.of("streams.consumer.max.poll.interval.ms", "2000"));
        Admin admin = broker.admin()) {
      load.registerTombstones();
      load.steps(50);
      job.start();
      JobReads reads = new JobReads(List.of(job.url()), PATIENCE);
      reads.await(load.timeline(), load.ledger().lastLsn());
      registry.stop();
      load.tombstone();
      load.steps(0);
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
      load.steps(30);
      reads.await(load.timeline(), load.ledger().lastLsn());
      assertKnowsAll(reads, load);
      assertThat(deadLetters("away-long", 0)).isEmpty();
    }
  }

  private static void assertHealth(JobProcess job, String path, String... reasons)
      throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(job.url() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.body()).contains(reasons);
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
