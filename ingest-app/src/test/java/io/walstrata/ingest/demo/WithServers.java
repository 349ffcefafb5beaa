package io.walstrata.ingest.demo;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A broker and a registry for the tests of a class, and jobs as processes of their own. */
abstract class WithServers {
  @TempDir static Path folder;
  static BrokerServer broker;
  static RegistryServer registry;

  @BeforeAll
  static void startServers() {
    Distribution distribution = Distribution.locate();
    broker = new BrokerServer(distribution, folder.resolve("broker"));
    registry = new RegistryServer(distribution, folder.resolve("registry"));
    broker.start();
    registry.start();
  }

  @AfterAll
  static void stopServers() {
    registry.close();
    broker.close();
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
}
