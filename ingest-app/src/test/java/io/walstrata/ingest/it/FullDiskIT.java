package io.walstrata.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walstrata.harness.servers.JobProcess;
import io.walstrata.harness.servers.JobReader;
import io.walstrata.harness.soak.JobReads;
import io.walstrata.harness.soak.Ledger;
import io.walstrata.ingest.http.Answers;
import io.walstrata.layerstore.page.Lsn;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/**
 * A disk that takes nothing more, for longer than the group waits for a member. The limit on the
 * size of files of the running process stands in for it: every write fails, whatever is written.
 */
class FullDiskIT extends WithServers {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String FULL = "0";
  private static final String EMPTY = "unlimited";

  private static JobProcess job(String topic, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("freeze.offsets", "20");
    settings.put("streams.consumer.max.poll.interval.ms", "4000");
    return process(topic, settings);
  }

  private static void disk(JobProcess job, String limit) throws Exception {
    int status =
        new ProcessBuilder(
                "prlimit", "--pid", Long.toString(job.pid()), "--fsize=" + limit + ":unlimited")
            .start()
            .waitFor();
    assertThat(status).as("prlimit --fsize=" + limit).isZero();
  }

  private static String health(JobProcess job) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(job.url() + "/health/ready")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static void awaitOutOfGroup(Admin admin, String group) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Objects.requireNonNull(
                        admin
                            .describeConsumerGroups(List.of(group))
                            .all()
                            .get(10, TimeUnit.SECONDS)
                            .get(group))
                    .members()
                    .isEmpty());
  }

  private static void assertKnowsAllOnce(JobProcess job, TestLoad load) throws Exception {
    Ledger ledger = load.ledger();
    JobReads reads = new JobReads(List.of(job.url()), PATIENCE);
    reads.await(load.timeline(), ledger.lastLsn());
    Answers.Timeline timeline = new JobReader(job.url()).timeline(load.timeline()).orElseThrow();
    assertThat(timeline.versions()).isEqualTo(ledger.versions(Lsn.MAX));
    assertKnowsAll(reads, load);
  }

  @Test
  void diskIsFull_atTheFirstRecord_andLater_theJobComesBackByItself() throws Exception {
    String topic = "full";
    broker.createTopic(topic, 1, Map.of("retention.ms", "-1"));
    try (TestLoad load = new TestLoad(broker, registry, topic, 21);
        JobProcess job = job(topic, Map.of());
        Admin admin = broker.admin()) {
      job.start();
      disk(job, FULL);
      load.steps(30);
      await().atMost(PATIENCE).until(() -> health(job).contains("ingest waits, the disk fails"));
      awaitOutOfGroup(admin, topic);
      assertThat(job.isRunning()).isTrue();
      disk(job, EMPTY);
      assertKnowsAllOnce(job, load);

      disk(job, FULL);
      load.steps(200); // more freeze points than may wait for files
      await().atMost(PATIENCE).until(() -> health(job).contains("layers cannot be written"));
      awaitOutOfGroup(admin, topic);
      disk(job, EMPTY);
      assertKnowsAllOnce(job, load);
      load.steps(30);
      assertKnowsAllOnce(job, load);

      // What is in files is the same.
      job.restart();
      assertKnowsAllOnce(job, load);
    }
  }
}
