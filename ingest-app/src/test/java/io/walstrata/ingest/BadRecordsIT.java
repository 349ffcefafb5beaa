package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.walstrata.ingest.cli.Cli;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.deadletter.DeadLetterClients;
import io.walstrata.ingest.deadletter.DeadLetterSelection;
import io.walstrata.ingest.deadletter.DeadLetters;
import io.walstrata.ingest.status.Reasons;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * A job in this process against a real broker: records that it refuses, and the dead-letter topic.
 */
class BadRecordsIT extends WithJob {
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
}
