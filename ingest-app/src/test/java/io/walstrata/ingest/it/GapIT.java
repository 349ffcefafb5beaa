package io.walstrata.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walstrata.harness.servers.JobProcess;
import io.walstrata.harness.soak.JobReads;
import io.walstrata.harness.soak.Ledger;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a topic loses while the job runs, and what is damaged on its disk: a gap is never skipped,
 * and what the topic still has is read again.
 */
class GapIT extends WithServers {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static JobProcess job(String topic, Map<String, String> more) {
    Map<String, String> settings = new java.util.TreeMap<>(more);
    settings.put("freeze.offsets", "10");
    return process(topic, settings);
  }

  private static void signal(JobProcess job, String signal) throws Exception {
    int status =
        new ProcessBuilder("kill", "-s", signal, Long.toString(job.pid())).start().waitFor();
    assertThat(status).as("kill -s " + signal).isZero();
  }

  private static String log(JobProcess job) throws IOException {
    return Files.readString(job.logFile());
  }

  private static void awaitEnd(JobProcess job) {
    await().atMost(PATIENCE).until(() -> !job.isRunning());
  }

  @ParameterizedTest
  @ValueSource(strings = {"at_least_once", "exactly_once_v2"})
  void heldJob_thatRetentionOvertakes_stopsAndSaysWhichOffsetsAreMissing(String guarantee)
      throws Exception {
    String topic = "overtaken-" + guarantee.replace('_', '-');
    broker.createTopic(topic, 1, Map.of("retention.ms", "-1"));
    try (TestLoad load = new TestLoad(broker, registry, topic, 11);
        JobProcess job = job(topic, Map.of("streams.processing.guarantee", guarantee));
        Admin admin = broker.admin()) {
      load.steps(30);
      job.start();
      new JobReads(List.of(job.url()), PATIENCE).await(load.timeline(), load.ledger().lastLsn());
      signal(job, "STOP");
      load.steps(200);
      admin
          .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(200)))
          .all()
          .get(10, TimeUnit.SECONDS);
      signal(job, "CONT");
      awaitEnd(job);
      // What was fetched before it was deleted may have been ingested.
      Matcher missing =
          Pattern.compile(
                  "history would have a gap.*topic="
                      + topic
                      + ", partition=0, missingOffsets=(\\d+)\\.\\.199, ")
              .matcher(log(job));
      assertThat(missing.find()).as(log(job)).isTrue();
      assertThat(Long.parseLong(missing.group(1))).isLessThan(199);

      // It does not get better by starting again.
      int before = log(job).length();
      job.launch();
      awaitEnd(job);
      assertThat(log(job).substring(before)).containsPattern("missingOffsets=\\d+\\.\\.199, ");
    }
  }

  @Test
  void topicMadeAgain_whileTheJobRuns_stopsItBeforeAnyRecordOfTheNewOne() throws Exception {
    broker.createTopic("again", 1, Map.of("retention.ms", "-1"));
    try (TestLoad load = new TestLoad(broker, registry, "again", 12);
        TestLoad other = new TestLoad(broker, registry, "again", 13);
        JobProcess job = job("again", Map.of());
        Admin admin = broker.admin()) {
      load.steps(30);
      job.start();
      new JobReads(List.of(job.url()), PATIENCE).await(load.timeline(), load.ledger().lastLsn());
      signal(job, "STOP");
      admin.deleteTopics(List.of("again")).all().get(10, TimeUnit.SECONDS);
      await().atMost(PATIENCE).until(() -> !admin.listTopics().names().get().contains("again"));
      broker.createTopic("again", 1, Map.of("retention.ms", "-1"));
      other.steps(100); // more than the old one had
      signal(job, "CONT");
      awaitEnd(job);
      assertThat(log(job)).contains("the topic was deleted");
      Path layers = folder.resolve("job-again").resolve("layers/again/0");
      assertThat(layers.resolve(load.timeline().toString())).exists();
      assertThat(layers.resolve(other.timeline().toString())).doesNotExist();
    }
  }

  @Test
  void damagedLayers_areSetAside_andBuiltAgain() throws Exception {
    broker.createTopic("damage", 1, Map.of("retention.ms", "-1"));
    try (TestLoad load = new TestLoad(broker, registry, "damage", 14);
        JobProcess job = job("damage", Map.of());
        Admin admin = broker.admin()) {
      load.steps(95);
      job.start();
      JobReads reads = new JobReads(List.of(job.url()), PATIENCE);
      reads.await(load.timeline(), load.ledger().lastLsn());
      assertKnowsAll(reads, load);
      Path home = folder.resolve("job-damage").resolve("layers/damage/0");

      // A flipped bit in a block: found by the first read that needs it, and said.
      awaitLayers(home, 9);
      Path damaged = layers(home).get(3);
      flip(damaged, 120);
      byte[] bytes = Files.readAllBytes(damaged);
      assertThat(countCorrupt(reads, load)).isPositive();
      assertThat(log(job)).contains("a layer file is damaged", damaged.toString());
      assertThat(get(job, "/health/ready"))
          .contains("damaged: ", "file=" + damaged, "block checksum", "offset=");
      assertThat(get(job, "/metrics"))
          .contains("walstrata_damaged_layers{partition=\"0\",topic=\"damage\"} 1");

      // Ingest continues, and leaves the damaged file as it is.
      load.steps(30);
      reads.await(load.timeline(), load.ledger().lastLsn());
      awaitLayers(home, 12);
      assertThat(countCorrupt(reads, load)).isPositive();
      assertThat(damaged).hasBinaryContent(bytes);
      job.restart();
      reads.await(load.timeline(), load.ledger().lastLsn());
      assertKnowsAll(reads, load);
      assertThat(home.resolve("damaged/1/why.txt"))
          .content()
          .contains("block checksum", "offset=", "expected=", "actual=");

      // A footer, and Kafka Streams' directory is gone too.
      job.stop();
      Path footer = layers(home).get(1);
      flip(footer, Files.size(footer) - 50);
      delete(folder.resolve("job-damage").resolve("state"));
      job.start();
      reads.await(load.timeline(), load.ledger().lastLsn());
      assertKnowsAll(reads, load);
      assertThat(home.resolve("damaged/2/why.txt")).content().contains(footer.toString());

      // The manifest, and the oldest layers with it: the others do not show it.
      job.kill();
      Files.delete(home.resolve("manifest"));
      Files.delete(layers(home).get(0));
      Files.delete(layers(home).get(0));
      load.steps(20);
      job.start();
      reads.await(load.timeline(), load.ledger().lastLsn());
      assertKnowsAll(reads, load);
      assertThat(home.resolve("damaged/3/why.txt")).content().contains("manifest");

      // Now the topic lacks a part of it too: whether that is a gap is unknown.
      awaitLayers(home, 9);
      job.stop();
      Files.delete(home.resolve("manifest"));
      List<Path> left = layers(home);
      admin
          .deleteRecords(Map.of(new TopicPartition("damage", 0), RecordsToDelete.beforeOffset(5)))
          .all()
          .get(10, TimeUnit.SECONDS);
      job.launch();
      awaitEnd(job);
      assertThat(log(job)).contains("missingOffsets=0..4, ", "where its history began");
      assertThat(layers(home)).isEqualTo(left);
    }
  }

  private static String get(JobProcess job, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(job.url() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static void awaitLayers(Path home, int count) {
    await().atMost(PATIENCE).until(() -> layers(home).size() >= count);
  }

  /** Returns the layer files, oldest first. */
  private static List<Path> layers(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home, 2)) {
      return files
          .filter(file -> file.toString().endsWith(".delta"))
          .sorted(Comparator.comparing(file -> file.toString().split("__")[2]))
          .toList();
    }
  }

  private static void flip(Path file, long position) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(position);
      int value = bytes.read();
      bytes.seek(position);
      bytes.write(value ^ 0x40);
    }
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> below = Files.walk(root)) {
      for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Returns how many reads fail because of the damage; the others are right. */
  private static int countCorrupt(JobReads reads, TestLoad load) throws Exception {
    Ledger ledger = load.ledger();
    int corrupt = 0;
    for (PageKey key : ledger.keys()) {
      for (Lsn lsn : ledger.lsns(key)) {
        Ledger.Answer answer = reads.read(load.timeline(), key, lsn);
        if (answer.status().equals("layer_corrupt")) {
          corrupt++;
        } else {
          assertThat(answer).isEqualTo(ledger.read(key, lsn));
        }
      }
    }
    return corrupt;
  }
}
