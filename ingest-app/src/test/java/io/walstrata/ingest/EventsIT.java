package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.SharedServers;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalValueKind;
import io.walstrata.schemas.serde.WalSerializer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a job sooner or later, one event each, against a real broker. */
class EventsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Map<String, String> REGISTRY =
      Map.of("schema.registry.url", "mock://events");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LARGE = 10 << 20;

  private static BrokerServer broker;
  private static KafkaProducer<byte[], byte[]> producer;
  private static WalSerializer serializer;

  @TempDir Path directory;

  @BeforeAll
  static void openClients() {
    broker = SharedServers.broker();
    serializer = new WalSerializer(REGISTRY);
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "max.request.size",
                BrokerServer.MESSAGE_MAX_BYTES),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void closeClients() {
    producer.close();
    serializer.close();
  }

  private IngestJob start(TestInfo test, Map<String, String> more) throws Exception {
    String name = test.getTestMethod().orElseThrow().getName();
    Map<String, String> settings = new HashMap<>(REGISTRY);
    settings.put("bootstrap.servers", broker.bootstrapServers());
    settings.put("application.id", "job-" + name);
    settings.put("wal.topics", name);
    settings.put("layers.home", directory.resolve("layers").toString());
    settings.put("state.dir", directory.resolve("state").toString());
    settings.put("http.port", "0");
    settings.putAll(more);
    IngestJob job = new IngestJob(IngestConfig.of(settings));
    try {
      job.start();
      await().atMost(PATIENCE).until(() -> job.health().isReady());
      return job;
    } catch (Exception | Error e) {
      job.close();
      throw e;
    }
  }

  private static String topic(TestInfo test, int partitions, Map<String, String> config) {
    String topic = test.getTestMethod().orElseThrow().getName();
    broker.createTopic(topic, partitions, config);
    return topic;
  }

  private static Future<?> send(
      String topic, int partition, TimelineId timeline, SpecificRecord message) {
    return producer.send(
        new ProducerRecord<>(
            topic,
            partition,
            timeline.toBytes(),
            Objects.requireNonNull(serializer.serialize(topic, message))));
  }

  private static JsonNode get(IngestJob job, String path) throws Exception {
    HttpResponse<String> response =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(job.url() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    return JSON.readTree(response.body());
  }

  /** Returns the job's answer for a timeline once it has reached an LSN. */
  private static JsonNode awaitTimeline(IngestJob job, TimelineId timeline, String lastLsn) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(300))
        .until(
            () -> find(get(job, "/v1/timelines"), timeline),
            found -> found.at("/lastLsn").asText().equals(lastLsn));
  }

  private static JsonNode find(JsonNode answer, TimelineId timeline) {
    for (JsonNode each : answer.at("/timelines")) {
      if (each.at("/timeline").asText().equals(timeline.toString())) {
        return each;
      }
    }
    return answer;
  }

  private static String page(TimelineId timeline) {
    return "/v1/timelines/" + timeline + "/pages/" + WalMessages.PAGE;
  }

  @Test
  void brokerGoesAwayAndComesBack_underLoad_theJobResumesByItself(TestInfo test) throws Exception {
    String topic = topic(test, 1, Map.of());
    AtomicBoolean enough = new AtomicBoolean();
    AtomicLong sent = new AtomicLong();
    ExecutorService background = Executors.newSingleThreadExecutor();
    try (IngestJob job = start(test, Map.of("freeze.offsets", "50"))) {
      Future<Long> sending =
          background.submit(
              () -> {
                long lsn = 0;
                while (!enough.get()) {
                  lsn++;
                  SpecificRecord message = WalMessages.image(lsn, "v" + lsn);
                  send(topic, 0, WalMessages.TIMELINE, message).get(90, TimeUnit.SECONDS);
                  sent.set(lsn);
                }
                return lsn;
              });
      await().atMost(PATIENCE).until(() -> get(job, page(WalMessages.TIMELINE)).has("base"));
      broker.stop();
      await()
          .atMost(PATIENCE)
          .until(() -> get(job, "/health/ready").toString().contains("no broker answers since"));
      assertThat(job.health().isLive()).isTrue();
      assertThat(get(job, page(WalMessages.TIMELINE)).has("base"))
          .as("reads are answered")
          .isTrue();
      broker.start();
      long before = sent.get();
      await().atMost(PATIENCE).until(() -> sent.get() > before + 100);
      enough.set(true);
      long last = sending.get(90, TimeUnit.SECONDS);
      String lsn = "0/" + Long.toHexString(last).toUpperCase(Locale.ROOT);
      JsonNode timeline = awaitTimeline(job, WalMessages.TIMELINE, lsn);
      assertThat(timeline.at("/versions").asLong()).isEqualTo(last);
      assertThat(job.health().isReady()).isTrue();
    } finally {
      enough.set(true);
      background.shutdownNow();
    }
  }

  @Test
  void topicGetsMorePartitions_newOnesAreReadFromTheirFirstRecord(TestInfo test) throws Exception {
    String topic = topic(test, 1, Map.of());
    TimelineId other = TimelineId.parse("c3".repeat(16));
    // The group finds the partitions later than the job's own check of the topics.
    try (IngestJob job = start(test, Map.of("streams.consumer.metadata.max.age.ms", "20000"));
        Admin admin = broker.admin()) {
      send(topic, 0, WalMessages.TIMELINE, WalMessages.image(1, "old")).get(10, TimeUnit.SECONDS);
      awaitTimeline(job, WalMessages.TIMELINE, "0/1");
      admin
          .createPartitions(Map.of(topic, NewPartitions.increaseTo(3)))
          .all()
          .get(10, TimeUnit.SECONDS);
      JsonNode unassigned =
          await().atMost(PATIENCE).until(() -> get(job, page(other)), each -> !isUnknown(each));
      assertThat(unassigned.at("/code").asText()).isEqualTo("not_ready");
      assertThat(unassigned.at("/message").asText()).contains(topic + "-1", topic + "-2");
      // Before a consumer knows of the partition.
      for (int lsn = 1; lsn <= 5; lsn++) {
        SpecificRecord message = WalMessages.record(other, lsn, WalValueKind.IMAGE, "new" + lsn);
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> send(topic, 2, other, message).get(10, TimeUnit.SECONDS) != null);
      }
      JsonNode timeline = awaitTimeline(job, other, "0/5");
      assertThat(timeline.at("/versions").asInt()).isEqualTo(5);
      assertThat(get(job, page(other) + "?lsn=0/1").at("/base/lsn").asText()).isEqualTo("0/1");
      send(topic, 0, WalMessages.TIMELINE, WalMessages.image(2, "on")).get(10, TimeUnit.SECONDS);
      assertThat(awaitTimeline(job, WalMessages.TIMELINE, "0/2").at("/versions").asInt())
          .isEqualTo(2);
    }
  }

  /** As from a producer that does not choose the partition by the timeline. */
  @Test
  void timelineInTwoPartitions_isTold_andNotReadInPart(TestInfo test) throws Exception {
    String topic = topic(test, 2, Map.of());
    TimelineId timeline = WalMessages.TIMELINE;
    try (IngestJob job = start(test, Map.of())) {
      send(topic, 0, timeline, WalMessages.image(1, "here")).get(10, TimeUnit.SECONDS);
      send(topic, 1, timeline, WalMessages.image(2, "there")).get(10, TimeUnit.SECONDS);
      assertSplit(job, timeline, topic + "-0", topic + "-1");
      await()
          .atMost(PATIENCE)
          .until(() -> get(job, "/health/ready").toString().contains("in several partitions"));
    }
  }

  @Test
  void timelineInTwoTopics_isNotReadInPart(TestInfo test) throws Exception {
    String topic = topic(test, 1, Map.of());
    String other = topic + "-other";
    broker.createTopic(other, 1, Map.of());
    TimelineId timeline = WalMessages.TIMELINE;
    try (IngestJob job = start(test, Map.of("wal.topics", topic + "," + other))) {
      send(topic, 0, timeline, WalMessages.image(1, "here")).get(10, TimeUnit.SECONDS);
      send(other, 0, timeline, WalMessages.image(2, "there")).get(10, TimeUnit.SECONDS);
      assertSplit(job, timeline, topic + "-0", other + "-0");
    }
  }

  /** Both partitions are named; at LSNs that both, one and none have reached. */
  private static void assertSplit(IngestJob job, TimelineId timeline, String first, String second)
      throws Exception {
    JsonNode found =
        await()
            .atMost(PATIENCE)
            .until(
                () -> find(get(job, "/v1/timelines"), timeline),
                each -> each.at("/partitions").size() == 2);
    assertThat(found.at("/partitions").toString())
        .isEqualTo("[\"" + first + "\",\"" + second + "\"]");
    for (String lsn : List.of("", "?lsn=0/1", "?lsn=0/2", "?lsn=0/3")) {
      JsonNode answer = get(job, page(timeline) + lsn);
      assertThat(answer.at("/code").asText()).as(lsn).isEqualTo("timeline_split");
      assertThat(answer.at("/status").asInt()).isEqualTo(409);
    }
    JsonNode layers = get(job, "/v1/timelines/" + timeline + "/layers");
    assertThat(layers.at("/code").asText()).isEqualTo("timeline_split");
  }

  private static boolean isUnknown(JsonNode answer) {
    return answer.at("/code").asText().equals("timeline_not_found");
  }

  @Test
  void messagesOfTenMegabytes_areIngested_orBecomeDeadLetters(TestInfo test) throws Exception {
    String topic =
        topic(
            test, 1, Map.of("max.message.bytes", Integer.toString(BrokerServer.MESSAGE_MAX_BYTES)));
    byte[] garbage = new byte[LARGE];
    producer
        .send(new ProducerRecord<>(topic, 0, WalMessages.TIMELINE.toBytes(), garbage))
        .get(30, TimeUnit.SECONDS);
    send(topic, 0, WalMessages.TIMELINE, WalMessages.image(1, "x".repeat(LARGE)))
        .get(30, TimeUnit.SECONDS);
    send(topic, 0, WalMessages.TIMELINE, WalMessages.image(2, "small")).get(30, TimeUnit.SECONDS);
    try (IngestJob job = start(test, Map.of("freeze.offsets", "3"))) {
      awaitTimeline(job, WalMessages.TIMELINE, "0/2");
      JsonNode base = get(job, page(WalMessages.TIMELINE) + "?lsn=0/1").at("/base");
      assertThat(base.at("/length").asInt()).isEqualTo(LARGE);
      ConsumerRecord<byte[], byte[]> letter = firstRecord("job-" + topic + "-dead-letters");
      assertThat(letter.value()).hasSize(LARGE);
      assertThat(DeadLetterHeaders.read(letter.headers(), DeadLetterHeaders.OFFSET)).hasValue("0");
    }
  }

  private static ConsumerRecord<byte[], byte[]> firstRecord(String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(Set.of(partition));
      consumer.seekToBeginning(Set.of(partition));
      return await()
          .atMost(PATIENCE)
          .until(
              () -> consumer.poll(Duration.ofMillis(500)).records(partition),
              records -> !records.isEmpty())
          .get(0);
    }
  }

  @Test
  void batchOfAHundredThousandEntries_isIngestedWhole(TestInfo test) throws Exception {
    String topic =
        topic(
            test, 1, Map.of("max.message.bytes", Integer.toString(BrokerServer.MESSAGE_MAX_BYTES)));
    int entries = 100_000;
    List<WalBatchEntry> index = new ArrayList<>(entries);
    ByteBuffer raw = ByteBuffer.allocate(entries * 8);
    for (int i = 0; i < entries; i++) {
      WalPageKey key = new WalPageKey(WalMessages.PAGE.toBytes());
      index.add(new WalBatchEntry(key, (long) (i + 1), 8 * i, 8, 0));
      raw.putLong(i);
    }
    WalTimelineId timeline = new WalTimelineId(WalMessages.TIMELINE.toBytes());
    send(topic, 0, WalMessages.TIMELINE, new WalBatch(timeline, (long) entries, index, raw.flip()))
        .get(30, TimeUnit.SECONDS);
    try (IngestJob job = start(test, Map.of())) {
      JsonNode found = awaitTimeline(job, WalMessages.TIMELINE, "0/186A0");
      assertThat(found.at("/versions").asInt()).isEqualTo(entries);
      JsonNode base = get(job, page(WalMessages.TIMELINE) + "?lsn=0/C350").at("/base");
      assertThat(base.at("/lsn").asText()).isEqualTo("0/C350");
    }
  }

  private static void report(String what, long started) {
    double seconds = (System.nanoTime() - started) / 1e9;
    System.gc();
    long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    System.out.printf(
        Locale.ROOT, "EventsIT: %s after %.1f s, heap=%d MiB%n", what, seconds, heap >> 20);
  }

  /**
   * A freeze point right after them gives a file for each, and takes as long as syncing these
   * takes: {@code -Dwalstrata.events.freeze=true}.
   */
  @Test
  void tenThousandTimelinesInAPartition_eachIsThere(TestInfo test) throws Exception {
    String topic = topic(test, 1, Map.of());
    int timelines = 9_999; // with the new one as many as a partition takes
    for (int i = 0; i < timelines; i++) {
      TimelineId timeline = new TimelineId(0xBEEF, i);
      send(topic, 0, timeline, WalMessages.record(timeline, 1, WalValueKind.IMAGE, "v" + i));
    }
    producer.flush();
    long started = System.nanoTime();
    boolean freezes = Boolean.getBoolean("walstrata.events.freeze");
    String every = Integer.toString(freezes ? timelines : 10 * timelines);
    Map<String, String> settings =
        Map.of("freeze.offsets", every, "timelines.max", Integer.toString(timelines + 1));
    try (IngestJob job = start(test, settings)) {
      TimelineId last = new TimelineId(0xBEEF, timelines - 1);
      awaitTimeline(job, last, "0/1");
      report("ingested", started);
      if (freezes) {
        await()
            .atMost(Duration.ofMinutes(3))
            .pollInterval(Duration.ofMillis(500))
            .until(
                () ->
                    find(get(job, "/v1/timelines"), last).at("/durableLsn").asText().equals("0/1"));
        report("durable", started);
      }
      assertThat(get(job, "/v1/timelines").at("/timelines")).hasSize(timelines);
      for (int i = 0; i < timelines; i += 997) {
        TimelineId timeline = new TimelineId(0xBEEF, i);
        assertThat(get(job, page(timeline)).at("/base/lsn").asText()).isEqualTo("0/1");
      }
      // A new one is as good as any other.
      TimelineId fresh = new TimelineId(0xBEEF, timelines);
      send(topic, 0, fresh, WalMessages.record(fresh, 7, WalValueKind.IMAGE, "fresh"))
          .get(10, TimeUnit.SECONDS);
      assertThat(awaitTimeline(job, fresh, "0/7").at("/versions").asInt()).isEqualTo(1);
    }
  }
}
