package io.walstrata.harness.bench;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.CommitCallback;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.internals.GlobalProcessorContextImpl;
import org.apache.kafka.streams.processor.internals.metrics.StreamsMetricsImpl;

/**
 * What a store of Kafka Streams is opened with: default settings, a directory, and no topology
 * around it. Stores cast the public {@code StateStoreContext} to an internal type, so this is one;
 * nothing else here uses internals of Kafka.
 */
final class KafkaStoreContext extends GlobalProcessorContextImpl {
  private final File directory;

  KafkaStoreContext(Path directory) {
    super(
        new StreamsConfig(
            Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                "bench",
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                "127.0.0.1:9092")),
        null,
        new StreamsMetricsImpl(new Metrics(), "bench", Time.SYSTEM),
        null,
        Time.SYSTEM);
    this.directory = directory.toFile();
  }

  @Override
  public File stateDir() {
    return directory;
  }

  @Override
  public void register(StateStore store, StateRestoreCallback restore) {
    // Nothing is restored.
  }

  @Override
  public void register(StateStore store, StateRestoreCallback restore, CommitCallback onCommit) {
    // Nothing is restored.
  }

  @Override
  public String changelogFor(String store) {
    return store + "-changelog";
  }
}
