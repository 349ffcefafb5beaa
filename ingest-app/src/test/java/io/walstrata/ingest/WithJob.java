package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.SharedServers;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.start.StartupException;
import io.walstrata.schemas.serde.WalSerializer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** A job in this process against the shared broker. Each test has a topic of its own name. */
abstract class WithJob {
  static final ObjectMapper JSON = new ObjectMapper();
  static final Map<String, String> REGISTRY = Map.of("schema.registry.url", "mock://ingest-job");
  static final String PAGE = "/v1/timelines/" + WalMessages.TIMELINE + "/pages/" + WalMessages.PAGE;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  static BrokerServer broker;
  static Admin admin;
  static KafkaProducer<byte[], byte[]> producer;
  static WalSerializer serializer;

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

  IngestConfig config(TestInfo test, Map<String, String> more) {
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

  static IngestJob started(IngestConfig config) throws Exception {
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

  static void assertRefused(IngestConfig config, String... words) {
    assertThatThrownBy(() -> started(config).close())
        .isInstanceOf(StartupException.class)
        .hasMessageContainingAll(words);
  }

  /** Sends images and changes with these LSNs: the first is an image. */
  static void send(String topic, long... lsns) throws Exception {
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

  static void send(String topic, byte[] key, byte[] value) throws Exception {
    producer.send(new ProducerRecord<>(topic, 0, key, value)).get(10, TimeUnit.SECONDS);
  }

  static HttpResponse<String> get(IngestJob job, String path) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(job.url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  static void awaitLastLsn(IngestJob job, String lsn) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> assertThat(get(job, PAGE).body()).contains("\"lastLsn\":\"" + lsn + "\""));
  }

  static void awaitDurable(IngestJob job, String lsn) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(get(job, "/v1/timelines").body())
                    .contains("\"durableLsn\":\"" + lsn + "\""));
  }

  /** Layers may have been written in the meantime; what the page is may not have changed. */
  static void assertSamePage(JsonNode before, JsonNode after) {
    for (String field : List.of("asOf", "status", "base", "records")) {
      assertThat(after.get(field)).as(field).isEqualTo(before.get(field));
    }
  }

  static void deleteBefore(String topic, long offset) throws Exception {
    admin
        .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
        .all()
        .get(10, TimeUnit.SECONDS);
  }
}
