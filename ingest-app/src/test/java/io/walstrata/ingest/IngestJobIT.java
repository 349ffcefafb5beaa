package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.SharedServers;
import io.walstrata.ingest.cli.Cli;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.deadletter.DeadLetterClients;
import io.walstrata.ingest.deadletter.DeadLetterSelection;
import io.walstrata.ingest.deadletter.DeadLetters;
import io.walstrata.ingest.start.LocalChecks;
import io.walstrata.ingest.start.StartupException;
import io.walstrata.ingest.status.Reasons;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import io.walstrata.schemas.WalValueKind;
import io.walstrata.schemas.serde.WalSerializer;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** A job in this process against a real broker: its checks at start, its answers, its restarts. */
class IngestJobIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Map<String, String> REGISTRY =
      Map.of("schema.registry.url", "mock://ingest-job");
  private static final String PAGE =
      "/v1/timelines/" + WalMessages.TIMELINE + "/pages/" + WalMessages.PAGE;

  private static final Pattern METRIC_ROW =
      Pattern.compile("\\| `(walstrata_\\w+)` \\| (\\w+) \\| ([\\w, ]*?) ?\\| .*");

  private static BrokerServer broker;
  private static Admin admin;
  private static KafkaProducer<byte[], byte[]> producer;
  private static WalSerializer serializer;

  @TempDir Path directory;

  @BeforeAll
  static void openClients() {
    broker = SharedServers.broker();
    admin = broker.admin();
    serializer = new WalSerializer(REGISTRY);
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void closeClients() {
    producer.close();
    serializer.close();
    admin.close();
  }

  private IngestConfig config(TestInfo test, Map<String, String> more) {
    String name = test.getTestMethod().orElseThrow().getName();
    Map<String, String> settings = new HashMap<>(REGISTRY);
    settings.putAll(
        Map.of(
            "bootstrap.servers",
            broker.bootstrapServers(),
            "application.id",
            "job-" + name,
            "wal.topics",
            name,
            "layers.home",
            directory.resolve("layers").toString(),
            "state.dir",
            directory.resolve("state").toString(),
            "http.port",
            "0",
            "freeze.offsets",
            "2",
            "startup.timeout.ms",
            "0"));
    settings.putAll(more);
    return IngestConfig.of(settings);
  }

  private static IngestJob started(IngestConfig config) throws Exception {
    IngestJob job = new IngestJob(config);
    try {
      job.start();
      await().atMost(Duration.ofSeconds(60)).until(() -> job.health().isReady());
      return job;
    } catch (Exception | Error e) {
      job.close();
      throw e;
    }
  }

  private static void assertRefused(IngestConfig config, String... words) {
    assertThatThrownBy(() -> started(config).close())
        .isInstanceOf(StartupException.class)
        .hasMessageContainingAll(words);
  }

  /** Sends images and changes with these LSNs: the first is an image. */
  private static void send(String topic, long... lsns) throws Exception {
    for (long lsn : lsns) {
      byte[] message =
          Objects.requireNonNull(
              serializer.serialize(
                  topic,
                  lsn == lsns[0]
                      ? WalMessages.image(lsn, "v" + lsn)
                      : WalMessages.change(lsn, "v" + lsn)));
      send(topic, WalMessages.TIMELINE.toBytes(), message);
    }
  }

  private static void send(String topic, byte[] key, byte[] value) throws Exception {
    producer.send(new ProducerRecord<>(topic, 0, key, value)).get(10, TimeUnit.SECONDS);
  }

  private static HttpResponse<String> get(IngestJob job, String path) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(job.url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void awaitLastLsn(IngestJob job, String lsn) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> assertThat(get(job, PAGE).body()).contains("\"lastLsn\":\"" + lsn + "\""));
  }

  private static void awaitDurable(IngestJob job, String lsn) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(get(job, "/v1/timelines").body())
                    .contains("\"durableLsn\":\"" + lsn + "\""));
  }

  @Test
  void answersTheSame_afterARestart_andAfterLosingTheStateDirectory(TestInfo test)
      throws Exception {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 2, Map.of());
    send(topic, 0x100, 0x200, 0x300, 0x400, 0x500);
    JsonNode before;
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/500");
      awaitDurable(job, "0/400");
      before = JSON.readTree(get(job, PAGE + "?lsn=0/300").body());
      assertThat(before.at("/base/lsn").asText()).isEqualTo("0/100");
      assertThat(before.at("/records")).hasSize(2);
      assertThat(before.at("/records/0/description").asText()).isEqualTo("record of 4 bytes");
      assertThat(get(job, PAGE + "?lsn=0/501").statusCode()).isEqualTo(409);
      assertThat(get(job, PAGE.replace("a1a1", "b1b1")).statusCode()).isEqualTo(404);
      assertThat(get(job, PAGE + "?lsn=0/50").body()).contains("before_history");
    }
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/500");
      assertSamePage(before, JSON.readTree(get(job, PAGE + "?lsn=0/300").body()));
    }
    delete(directory.resolve("state"));
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/500");
      assertSamePage(before, JSON.readTree(get(job, PAGE + "?lsn=0/300").body()));
    }
  }

  /** Layers may have been written in the meantime; what the page is may not have changed. */
  private static void assertSamePage(JsonNode before, JsonNode after) {
    for (String field : List.of("asOf", "status", "base", "records")) {
      assertThat(after.get(field)).as(field).isEqualTo(before.get(field));
    }
  }

  private static void delete(Path root) throws Exception {
    try (var below = Files.walk(root)) {
      for (Path path : below.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void badRecords_goToATopicThatTheJobMakes_andTheJobContinues(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of("streams.processing.guarantee", "exactly_once_v2"));
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of("max.message.bytes", "2000000"));
    send(topic, new byte[] {1}, new byte[] {1, 2, 3});
    send(topic, 0x100, 0x200);
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/200");
      assertThat(deadLetterSettings(config)).containsEntry("retention.ms", "-1");
      assertThat(Integer.parseInt(deadLetterSettings(config).get("max.message.bytes")))
          .isGreaterThan(2_000_000);
      ConsumerRecord<byte[], byte[]> letter = firstRecord(config.deadLetterTopic());
      assertThat(letter.value()).containsExactly(1, 2, 3);
      assertThat(DeadLetterHeaders.read(letter.headers(), DeadLetterHeaders.OFFSET)).hasValue("0");
    }
  }

  @Test
  void everyKindOfBadRecord_isOneDeadLetter_thatIsListedAndSentAgain(TestInfo test)
      throws Exception {
    IngestConfig config =
        config(
            test, Map.of("streams.processing.guarantee", "exactly_once_v2", "timelines.max", "1"));
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100, 0x200);
    List<BadRecords.Sample> bad =
        BadRecords.of(topic, serializer, REGISTRY, WalMessages.TIMELINE).stream()
            .filter(sample -> !sample.reason().equals("value_too_large"))
            .toList();
    for (BadRecords.Sample sample : bad) {
      producer.send(BadRecords.record(topic, 0, sample)).get(10, TimeUnit.SECONDS);
    }
    send(topic, 0x300);
    for (int run = 0; run < 2; run++) {
      try (IngestJob job = started(config)) {
        awaitLastLsn(job, "0/300");
        awaitLetters(config, bad.size());
      }
    }
    String[] where = {
      "--bootstrap.servers", broker.bootstrapServers(), "--application.id", config.applicationId()
    };
    assertThat(letters(where))
        .extracting(each -> each.at("/reason").asText())
        .containsExactlyElementsOf(bad.stream().map(BadRecords.Sample::reason).toList());
    assertThat(letters(where))
        .extracting(each -> each.at("/offset").asInt())
        .containsExactlyElementsOf(IntStream.range(2, 2 + bad.size()).boxed().toList());
    assertThat(dlq("list", where).out()).contains("REASON").contains("wrong_timeline");
    assertThat(letters(where, "--reason", "late,null_key")).hasSize(2);
    assertThat(letters(where, "--from-offset", "3", "--to-offset", "4")).hasSize(2);
    assertThat(letters(where, "--topic", "other")).isEmpty();
    assertThat(letters(where, "--partition", "0", "--limit", "1")).hasSize(1);

    long before = endOffset(topic);
    assertThat(dlq("replay", where, "--dry-run").out()).contains("would send: " + (bad.size() - 1));
    assertThat(endOffset(topic)).isEqualTo(before);
    assertThat(dlq("replay", where, "--limit", "3").out()).contains("sent: 3 of 3");
    assertThat(dlq("replay", where).out())
        .contains("sent before: 3", "late", "sent: " + (bad.size() - 4));
    assertThat(dlq("replay", where).out()).contains("sent: 0 of 0");
    assertThat(letters(where))
        .filteredOn(each -> !each.at("/replayed").asBoolean())
        .extracting(each -> each.at("/reason").asText())
        .containsExactly("late");
    assertSentAgain(topic, before, bad.stream().filter(s -> !s.reason().equals("late")).toList());
    try (IngestJob job = started(config)) {
      awaitLetters(config, 2 * bad.size() - 1);
      assertThat(job.health().isLive()).isTrue();
    }
  }

  private static Cli.Outcome dlq(String command, String[] where, String... more) {
    List<String> args = new ArrayList<>(List.of("dlq", command));
    args.addAll(List.of(where));
    args.addAll(List.of(more));
    Cli.Outcome outcome = Cli.run(args.toArray(String[]::new));
    assertThat(outcome.status()).as(outcome.err()).isZero();
    return outcome;
  }

  private static List<JsonNode> letters(String[] where, String... more) throws Exception {
    List<JsonNode> letters = new ArrayList<>();
    List<String> flags = new ArrayList<>(List.of(more));
    flags.add("--json");
    for (String line : dlq("list", where, flags.toArray(String[]::new)).out().lines().toList()) {
      letters.add(JSON.readTree(line));
    }
    return letters;
  }

  private static void awaitLetters(IngestConfig config, int count) {
    DeadLetters letters =
        new DeadLetters(
            new DeadLetterClients(broker.bootstrapServers(), config.deadLetterTopic(), Map.of()));
    DeadLetterSelection all = new DeadLetterSelection(Set.of(), null, null, 0, Long.MAX_VALUE);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(letters.list(all)).hasSize(count));
  }

  private static long endOffset(String topic) throws Exception {
    TopicPartition partition = new TopicPartition(topic, 0);
    return admin
        .listOffsets(Map.of(partition, OffsetSpec.latest()))
        .partitionResult(partition)
        .get(10, TimeUnit.SECONDS)
        .offset();
  }

  private static void assertSentAgain(String topic, long from, List<BadRecords.Sample> samples) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(Set.of(partition));
      consumer.seek(partition, from);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                return records.size() >= samples.size();
              });
    }
    assertThat(records).hasSameSizeAs(samples);
    for (int i = 0; i < samples.size(); i++) {
      assertThat(records.get(i).key()).isEqualTo(samples.get(i).key());
      assertThat(records.get(i).value()).isEqualTo(samples.get(i).value());
      assertThat(records.get(i).timestamp()).isEqualTo(BadRecords.TIMESTAMP);
      assertThat(records.get(i).headers())
          .extracting(Header::key)
          .containsExactly(BadRecords.HEADER);
    }
  }

  @Test
  void twoInstances_eachAnswersForBoth(TestInfo test) throws Exception {
    IngestConfig first = config(test, Map.of());
    String topic = first.walTopics().get(0);
    broker.createTopic(topic, 2, Map.of());
    TimelineId other = TimelineId.parse("c3".repeat(16));
    send(topic, 0x100, 0x200, 0x300);
    producer
        .send(
            new ProducerRecord<>(
                topic,
                1,
                other.toBytes(),
                serializer.serialize(
                    topic, WalMessages.record(other, 0x700, WalValueKind.IMAGE, "other"))))
        .get(10, TimeUnit.SECONDS);
    String otherPage = PAGE.replace(WalMessages.TIMELINE.toString(), other.toString());
    IngestConfig second =
        config(
            test,
            Map.of(
                "layers.home", directory.resolve("layers-2").toString(),
                "state.dir", directory.resolve("state-2").toString()));
    try (IngestJob a = started(first)) {
      awaitLastLsn(a, "0/300");
      try (IngestJob b = started(second)) {
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () -> {
                  for (IngestJob job : List.of(a, b)) {
                    JsonNode status = JSON.readTree(get(job, "/v1/status").body());
                    assertThat(status.at("/partitions")).hasSize(1);
                    assertThat(status.at("/partitions/0/lag").asInt(-1)).isZero();
                    assertThat(status.at("/peers")).hasSize(1);
                    assertThat(status.at("/state").asText()).isEqualTo("RUNNING");
                  }
                });
        int passedOn = 0;
        for (IngestJob job : List.of(a, b)) {
          for (String page : List.of(PAGE, otherPage)) {
            HttpResponse<String> response = get(job, page);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            passedOn += response.headers().firstValue("Walstrata-Instance").isPresent() ? 1 : 0;
            assertThat(get(job, page + "?lsn=1/0").statusCode()).isEqualTo(409);
          }
          assertThat(JSON.readTree(get(job, "/v1/timelines").body()).at("/timelines")).hasSize(2);
          assertThat(JSON.readTree(get(job, "/v1/timelines?local=true").body()).at("/timelines"))
              .hasSize(1);
          assertThat(get(job, PAGE.replace("a1a1", "b1b1")).body()).contains("timeline_not_found");
        }
        assertThat(passedOn).isEqualTo(2);
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                for (String page : List.of(PAGE, otherPage)) {
                  assertThat(get(a, page).statusCode()).isEqualTo(200);
                  assertThat(get(a, page).headers().firstValue("Walstrata-Instance")).isEmpty();
                }
              });
    }
  }

  @Test
  void metrics_areThoseThatTheDocumentationLists(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 2, Map.of());
    send(topic, 0x100, 0x200, 0x300, 0x400, 0x500);
    send(topic, new byte[] {1}, new byte[] {1, 2, 3});
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/500");
      String partition = "partition=\"0\",topic=\"" + topic + "\"";
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                PrometheusText scraped = PrometheusText.parse(get(job, "/metrics").body());
                assertThat(scraped.sum("walstrata_lag_records", partition)).isZero();
                assertThat(scraped.sum("walstrata_durable_offset", partition)).isEqualTo(5);
                assertThat(scraped.sum("walstrata_bad_records_total", "undecodable")).isOne();
              });
      PrometheusText scraped = PrometheusText.parse(get(job, "/metrics").body());
      assertThat(scraped.sum("walstrata_ingested_offset", partition)).isEqualTo(5);
      assertThat(scraped.sum("walstrata_ingested_records_total", partition)).isEqualTo(6);
      assertThat(scraped.sum("walstrata_versions_total", partition)).isEqualTo(5);
      assertThat(scraped.samples())
          .containsEntry("walstrata_ready{}", 1.0)
          .containsEntry("walstrata_broker_up{}", 1.0);
      assertThat(scraped.types().keySet())
          .anyMatch(name -> name.startsWith("jvm_memory_used"))
          .anyMatch(name -> name.startsWith("kafka_stream_"))
          .anyMatch(name -> name.startsWith("kafka_consumer_"))
          .noneMatch(name -> name.startsWith("kafka_walstrata"));
      assertThat(describe(scraped)).containsExactlyElementsOf(documented());
    }
  }

  private static List<String> describe(PrometheusText scraped) {
    return scraped.types().entrySet().stream()
        .filter(each -> each.getKey().startsWith("walstrata_"))
        .map(
            each ->
                each.getKey()
                    + " "
                    + each.getValue()
                    + " "
                    + String.join(", ", scraped.labels(each.getKey())))
        .map(String::strip)
        .sorted()
        .toList();
  }

  /** Returns the rows of the table of metrics: name, type, labels. */
  private static List<String> documented() throws Exception {
    return Files.readString(Path.of("docs/operations.md"))
        .lines()
        .map(METRIC_ROW::matcher)
        .filter(Matcher::matches)
        .map(row -> (row.group(1) + " " + row.group(2) + " " + row.group(3)).strip())
        .sorted()
        .toList();
  }

  private static Map<String, String> deadLetterSettings(IngestConfig config) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, config.deadLetterTopic());
    Map<String, String> settings = new HashMap<>();
    Config described =
        Objects.requireNonNull(
            admin.describeConfigs(List.of(topic)).all().get(10, TimeUnit.SECONDS).get(topic));
    described.entries().forEach(entry -> settings.put(entry.name(), entry.value()));
    return settings;
  }

  private static ConsumerRecord<byte[], byte[]> firstRecord(String topic) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(Set.of(partition));
      consumer.seekToBeginning(Set.of(partition));
      return await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> consumer.poll(Duration.ofMillis(500)).records(partition),
              records -> !records.isEmpty())
          .get(0);
    }
  }

  @Test
  void badRecord_withFail_endsTheJobWithTheReason(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of("on.bad.record", "fail"));
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, new byte[] {1}, new byte[] {1, 2, 3});
    try (IngestJob job = new IngestJob(config)) {
      job.start();
      Throwable failure = Objects.requireNonNull(job.awaitEnd());
      assertThat(Reasons.of(failure))
          .contains("OnBadRecord.FAIL", "topic=" + topic, "partition=0", "offset=0");
      assertThat(job.health().isLive()).isFalse();
      assertThat(get(job, "/health/live").statusCode()).isEqualTo(503);
      assertThat(get(job, PAGE).statusCode()).isEqualTo(503);
    }
  }

  @Test
  void missingTopic_isNamed_orWaitedFor(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    assertRefused(config, "WAL topics do not exist", topic, broker.bootstrapServers());
    assertThat(directory.resolve("layers")).doesNotExist();

    Thread creator =
        new Thread(
            () -> {
              try {
                Thread.sleep(1_500);
                broker.createTopic(topic, 1, Map.of());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    creator.start();
    started(config(test, Map.of("startup.timeout.ms", "60000"))).close();
    creator.join();
  }

  @Test
  void compactedTopic_isRefused(TestInfo test) {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of("cleanup.policy", "compact"));
    assertRefused(config, "compacted", topic, "cleanup.policy=delete");
  }

  @Test
  void recordsLostAfterTheFreezePoint_areAGap(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100, 0x200);
    try (IngestJob job = started(config)) {
      awaitDurable(job, "0/200");
    }
    send(topic, 0x300, 0x400, 0x500);
    deleteBefore(topic, 2);
    started(config).close();
    deleteBefore(topic, 5);
    assertRefused(
        config,
        "history would have a gap",
        "topic=" + topic,
        "partition=0",
        "missingOffsets=",
        "topicStartOffset=5",
        "directory=");
  }

  private static void deleteBefore(String topic, long offset) throws Exception {
    admin
        .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
        .all()
        .get(10, TimeUnit.SECONDS);
  }

  @Test
  void damagedLayers_areRefused_ifTheTopicLacksTheirRecords_orIfSaidSo(TestInfo test)
      throws Exception {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100, 0x200, 0x300, 0x400, 0x500, 0x600);
    JsonNode before;
    try (IngestJob job = started(config)) {
      awaitDurable(job, "0/600");
      before = JSON.readTree(get(job, PAGE + "?lsn=0/600").body());
    }
    Path home = directory.resolve("layers").resolve(topic).resolve("0");
    Path second = deltaFile(home, "__0000000000000004.delta");
    byte[] whole = Files.readAllBytes(second);
    Files.delete(second);
    IngestConfig refusing = config(test, Map.of("on.damage", "refuse"));
    assertRefused(refusing, "layers are damaged", second.toString(), "from offset 2 on");
    deleteBefore(topic, 3);
    assertRefused(
        config, "layers are damaged", second.toString(), "missingOffsets=2..2", "partition=0");

    // A file of another release is no damage, whatever a note says.
    Files.write(second, whole);
    byte[] manifest = Files.readAllBytes(home.resolve("manifest"));
    FormatVersions.setLayer(second, 2);
    Path note = Files.writeString(Path.of(second + ".damage"), "an older program's\n");
    assertRefused(config, "nothing was changed", second.toString(), "version=2", "Readable=1");
    Files.delete(note);
    FormatVersions.setManifest(home.resolve("manifest"), 3);
    assertRefused(config, "nothing was changed", "manifest", "version=3", "newestReadable=1");
    Files.write(home.resolve("manifest"), manifest);
    assertThat(home.resolve("damaged")).doesNotExist();

    // Put back, it is used again; and what the topic has can be rebuilt.
    Files.write(second, whole);
    Files.delete(deltaFile(home, "__0000000000000006.delta"));
    try (IngestJob job = started(config)) {
      awaitDurable(job, "0/600");
      assertSamePage(before, JSON.readTree(get(job, PAGE + "?lsn=0/600").body()));
    }
    assertThat(home.resolve("damaged/1/why.txt")).content().contains("missing");
  }

  private static Path deltaFile(Path home, String end) throws Exception {
    try (var files = Files.walk(home)) {
      return files.filter(file -> file.toString().endsWith(end)).findFirst().orElseThrow();
    }
  }

  @Test
  void recordsLostBeforeTheFirstFreezePoint_areAGap(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of("freeze.offsets", "1000"));
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100, 0x200, 0x300);
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/300");
    }
    deleteBefore(topic, 2);
    assertRefused(config, "history would have a gap", "missingOffsets=0..1");
  }

  @Test
  void offsetsThatTheTopicLost_butLayersHave_areNoGap(TestInfo test) throws Exception {
    // The group's offset lags, as after a kill.
    IngestConfig config = config(test, Map.of("streams.commit.interval.ms", "200"));
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100, 0x200, 0x300, 0x400);
    try (IngestJob job = started(config)) {
      awaitDurable(job, "0/400");
    }
    admin
        .alterConsumerGroupOffsets(
            config.applicationId(), Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(1)))
        .all()
        .get(10, TimeUnit.SECONDS);
    send(topic, 0x500);
    deleteBefore(topic, 3);
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/500");
      assertThat(JSON.readTree(get(job, PAGE + "?lsn=0/500").body()).at("/base/lsn").asText())
          .isEqualTo("0/500");
      assertThat(JSON.readTree(get(job, PAGE + "?lsn=0/400").body()).at("/records")).hasSize(3);
    }
  }

  /** Follows the operations page word by word for a topic that lacks records. */
  @Test
  void afterAGap_thePartitionsDirectoryIsMovedAway_andHistoryStartsAgainThere(TestInfo test)
      throws Exception {
    IngestConfig config = config(test, Map.of("streams.commit.interval.ms", "100"));
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100, 0x200, 0x300);
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/300");
      awaitDurable(job, "0/200");
    }
    send(topic, 0x400, 0x500, 0x600);
    deleteBefore(topic, 5);
    assertRefused(config, "history would have a gap", "missingOffsets=2..4", "directory=");

    Path layers = directory.resolve("layers").resolve(topic).resolve("0");
    Files.move(layers, directory.resolve("moved-away"));
    send(topic, 0x700, 0x800);
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/800");
      assertThat(JSON.readTree(get(job, PAGE + "?lsn=0/800").body()).at("/asOf").asText())
          .isEqualTo("0/800");
    }
    started(config).close();
  }

  @Test
  void topicMadeAgain_withTheDirectoriesMovedAway_isReadFromItsBeginning(TestInfo test)
      throws Exception {
    IngestConfig config = config(test, Map.of("streams.commit.interval.ms", "100"));
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100, 0x200, 0x300, 0x400);
    try (IngestJob job = started(config)) {
      awaitDurable(job, "0/400");
    }
    admin.deleteTopics(List.of(topic)).all().get(10, TimeUnit.SECONDS);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !admin.listTopics().names().get().contains(topic));
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x900); // ends below what the group has committed
    assertRefused(config, "deleted and created again");
    Files.move(directory.resolve("layers").resolve(topic), directory.resolve("moved-away"));
    try (IngestJob job = started(config)) {
      awaitLastLsn(job, "0/900");
      send(topic, 0xA00, 0xB00);
      awaitLastLsn(job, "0/B00");
    }
  }

  @Test
  void deadLetterTopicThatTakesLessThanTheWalTopic_isRaisedAtStart(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of("max.message.bytes", "1048588"));
    broker.createTopic(config.deadLetterTopic(), 1, Map.of("max.message.bytes", "1048588"));
    setMaxMessage(topic, 10_000_000);
    sendLarge(topic, 3_000_000);
    send(topic, 0x100);
    try (IngestJob job = started(config)) {
      awaitLetters(config, 1);
      assertThat(Integer.parseInt(deadLetterSettings(config).get("max.message.bytes")))
          .isGreaterThan(10_000_000);

      // Lowered while the job runs: the letter, its size and the settings are named.
      setMaxMessage(config.deadLetterTopic(), 100_000);
      long offset = sendLarge(topic, 2_000_000);
      Throwable failure = Objects.requireNonNull(job.awaitEnd());
      assertThat(Reasons.of(failure))
          .contains("dead-letter topic", "topic=" + topic, "partition=0", "offset=" + offset)
          .contains("sizeBytes=2000", "max.message.bytes");
    }
  }

  private static void setMaxMessage(String topic, int bytes) throws Exception {
    admin
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(
                    new AlterConfigOp(
                        new ConfigEntry("max.message.bytes", Integer.toString(bytes)),
                        AlterConfigOp.OpType.SET))))
        .all()
        .get(10, TimeUnit.SECONDS);
  }

  /** Sends random bytes, which no compression makes smaller, and returns their offset. */
  private static long sendLarge(String topic, int bytes) throws Exception {
    byte[] value = new byte[bytes];
    new Random(17).nextBytes(value);
    try (KafkaProducer<byte[], byte[]> large =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "max.request.size", 20_000_000),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      return large
          .send(new ProducerRecord<>(topic, 0, new byte[16], value))
          .get(10, TimeUnit.SECONDS)
          .offset();
    }
  }

  @Test
  void abortedTransactionAtTheEnd_isNoLag_alsoAfterARestart(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100, 0x200);
    try (KafkaProducer<byte[], byte[]> aborting =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", "aborting"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      aborting.initTransactions();
      aborting.beginTransaction();
      for (int i = 0; i < 22; i++) {
        aborting.send(new ProducerRecord<>(topic, 0, new byte[] {1}, new byte[] {1}));
      }
      aborting.flush();
      aborting.abortTransaction();
    }
    for (int run = 0; run < 2; run++) {
      try (IngestJob job = started(config)) {
        awaitLastLsn(job, "0/200");
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () -> {
                  JsonNode status = JSON.readTree(get(job, "/v1/status").body());
                  assertThat(status.at("/partitions/0/endOffset").asInt()).isEqualTo(25);
                  assertThat(status.at("/partitions/0/lag").asInt(-1)).isZero();
                });
      }
    }
  }

  @Test
  void closedAtAnyStepOfTheStart_leavesNothingOpen(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of("streams.num.standby.replicas", "1"));
    broker.createTopic(config.walTopics().get(0), 1, Map.of());
    List<String> steps = new CopyOnWriteArrayList<>();
    try (IngestJob job = new IngestJob(config)) {
      job.start(steps::add);
    }
    assertThat(steps).contains("state.dir", "checks begun", "streams made", "checked", "running");
    for (String step : steps) {
      IngestJob job = new IngestJob(config);
      List<Integer> ports = new ArrayList<>();
      assertThatThrownBy(
              () ->
                  job.start(
                      reached -> {
                        if (reached.equals("streams made")) {
                          ports.add(job.url().getPort());
                        }
                        if (reached.equals(step)) {
                          job.close();
                        }
                      }))
          .as(step)
          .isInstanceOf(StartupException.class);
      job.close();
      // Another thread may have closed it, and be about to end that.
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                for (int port : ports) {
                  assertThatThrownBy(
                          () -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                      .as("listens, closed after " + step)
                      .isInstanceOf(ConnectException.class);
                }
                LayerHomes.directory(directory.resolve("layers")).claim(Duration.ZERO).close();
                LocalChecks.claimState(config).close();
              });
    }
  }

  @Test
  void topicMadeAgain_isRefused(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100, 0x200);
    try (IngestJob job = started(config)) {
      awaitDurable(job, "0/200");
    }
    admin.deleteTopics(List.of(topic)).all().get(10, TimeUnit.SECONDS);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !admin.listTopics().names().get().contains(topic));
    broker.createTopic(topic, 1, Map.of());
    send(topic, 0x100);
    assertRefused(config, "deleted and created again", "topic=" + topic, "directory=");

    // Without the note of the topic's id, the offsets still show it.
    Files.delete(directory.resolve("layers").resolve(topic).resolve("topic.id"));
    assertRefused(
        config, "ends below what was read", "topicEndOffset=1", "neededOffset=1", "partition=0");
  }
}
