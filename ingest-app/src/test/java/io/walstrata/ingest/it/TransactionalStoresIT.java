package io.walstrata.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.harness.servers.JobProcess;
import io.walstrata.harness.servers.JobReader;
import io.walstrata.harness.soak.JobReads;
import io.walstrata.harness.soak.Ledger;
import io.walstrata.layerstore.page.Lsn;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Kafka Streams' own transactional stores, switched on for the whole application: then it calls a
 * store's commit at every commit of a running task under exactly-once too. The layer store decides
 * by its layers as before.
 */
class TransactionalStoresIT extends WithServers {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static void assertKnowsAllOnce(JobProcess job, TestLoad load) throws Exception {
    Ledger ledger = load.ledger();
    JobReads reads = new JobReads(List.of(job.url()), PATIENCE);
    reads.await(load.timeline(), ledger.lastLsn());
    assertThat(new JobReader(job.url()).timeline(load.timeline()).orElseThrow().versions())
        .isEqualTo(ledger.versions(Lsn.MAX));
    assertKnowsAll(reads, load);
  }

  @Test
  void exactlyOnce_killedAndStartedAgain_everyRecordIsThereOnce() throws Exception {
    String topic = "transactional";
    broker.createTopic(topic, 1, Map.of("retention.ms", "-1"));
    Map<String, String> settings =
        Map.of(
            "freeze.offsets", "20",
            "streams.processing.guarantee", "exactly_once_v2",
            "streams.enable.transactional.statestores", "true");
    try (TestLoad load = new TestLoad(broker, registry, topic, 31);
        JobProcess job = process(topic, settings)) {
      load.steps(50);
      job.start();
      assertKnowsAllOnce(job, load);
      for (int round = 0; round < 2; round++) {
        load.steps(50);
        assertKnowsAllOnce(job, load);
        job.kill();
        load.steps(10);
        job.start();
        assertKnowsAllOnce(job, load);
      }
      assertThat(Files.readString(job.logFile()))
          .contains("layers claimed: ")
          .doesNotContain("TaskCorruptedException", "ERROR");
    }
  }
}
