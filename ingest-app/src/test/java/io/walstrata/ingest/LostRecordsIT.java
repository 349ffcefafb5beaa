package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.walstrata.ingest.config.IngestConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * A job in this process against a real broker: topics that have lost records, and damaged layers.
 */
class LostRecordsIT extends WithJob {
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
}
