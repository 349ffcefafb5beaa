package io.walstrata.layerstore.streams.internal;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.CommitCallback;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.processor.internals.StateRestoreCallbackAdapter;
import org.jspecify.annotations.Nullable;

/** A task as a store sees it, which can restore records the way Kafka Streams does. */
final class TestContext implements StateStoreContext {
  private final MockProcessorContext<Void, Void> mock;
  private @Nullable StateRestoreCallback restoreCallback;

  TestContext(Path stateDirectory, int partition) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    mock = new MockProcessorContext<>(config, new TaskId(0, partition), stateDirectory.toFile());
  }

  /** Restores by the path that Kafka Streams takes, null keys skipped included. */
  void restore(List<ConsumerRecord<byte[], byte[]>> records) {
    StateRestoreCallbackAdapter.adapt(Objects.requireNonNull(restoreCallback))
        .restoreBatch(records.stream().filter(record -> record.key() != null).toList());
  }

  @Override
  public void register(StateStore store, StateRestoreCallback callback) {
    restoreCallback = callback;
  }

  @Override
  public void register(StateStore store, StateRestoreCallback callback, CommitCallback onCommit) {
    restoreCallback = callback;
  }

  @Override
  public String applicationId() {
    return mock.applicationId();
  }

  @Override
  public TaskId taskId() {
    return mock.taskId();
  }

  @Override
  public Optional<RecordMetadata> recordMetadata() {
    return mock.recordMetadata();
  }

  @Override
  public Serde<?> keySerde() {
    return mock.keySerde();
  }

  @Override
  public Serde<?> valueSerde() {
    return mock.valueSerde();
  }

  @Override
  public File stateDir() {
    return mock.stateDir();
  }

  @Override
  public StreamsMetrics metrics() {
    return mock.metrics();
  }

  @Override
  public Map<String, Object> appConfigs() {
    return mock.appConfigs();
  }

  @Override
  public Map<String, Object> appConfigsWithPrefix(String prefix) {
    return mock.appConfigsWithPrefix(prefix);
  }
}
