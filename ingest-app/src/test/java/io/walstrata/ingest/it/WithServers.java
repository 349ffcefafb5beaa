package io.walstrata.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.JobProcess;
import io.walstrata.harness.servers.RegistryServer;
import io.walstrata.harness.servers.SharedServers;
import io.walstrata.harness.soak.JobReads;
import io.walstrata.harness.soak.Ledger;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The shared broker and registry, and jobs as processes of their own. */
abstract class WithServers {
  @TempDir static Path folder;
  static BrokerServer broker;
  static RegistryServer registry;

  @BeforeAll
  static void startServers() {
    broker = SharedServers.broker();
    registry = SharedServers.registry();
  }

  /** Returns the job of a topic, not started. */
  static JobProcess process(String topic, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("wal.topics", topic);
    settings.put("application.id", topic);
    settings.put("streams.commit.interval.ms", "200");
    return new JobProcess(
        Distribution.locate(), folder.resolve("job-" + topic), broker, registry, settings);
  }

  /** Checks each page of the load as of each LSN at which it changed. */
  static void assertKnowsAll(JobReads reads, TestLoad load) throws Exception {
    Ledger ledger = load.ledger();
    for (PageKey key : ledger.keys()) {
      for (Lsn lsn : ledger.lsns(key)) {
        assertThat(reads.read(load.timeline(), key, lsn)).isEqualTo(ledger.read(key, lsn));
      }
    }
  }
}
