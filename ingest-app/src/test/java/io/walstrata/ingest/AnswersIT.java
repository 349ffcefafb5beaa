package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.schemas.WalValueKind;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** A job in this process against a real broker: its answers over HTTP, also after restarts. */
class AnswersIT extends WithJob {
  private static final Pattern METRIC_ROW =
      Pattern.compile("\\| `(walstrata_\\w+)` \\| (\\w+) \\| ([\\w, ]*?) ?\\| .*");

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

  private static void delete(Path root) throws Exception {
    try (var below = Files.walk(root)) {
      for (Path path : below.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
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
}
