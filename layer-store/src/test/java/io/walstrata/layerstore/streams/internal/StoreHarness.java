package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.StoreBuilder;

/** One store of partition 0, opened and fed as Kafka Streams would, without any threads of it. */
final class StoreHarness implements AutoCloseable {
  static final TopicPartition PARTITION = new TopicPartition(TestLog.TOPIC, 0);

  final StateStoreOptions options;
  final StoreBuilder<LayerStateStore> builder;
  LayerStateStore store;
  final TestContext context;

  StoreHarness(StateStoreOptions options, Path stateDirectory) throws IOException {
    this(options, stateDirectory, new RunningStores());
  }

  /** Opens a store that others find among the running ones. */
  StoreHarness(StateStoreOptions options, Path stateDirectory, RunningStores running)
      throws IOException {
    this.options = options;
    builder = new LayerStoreBuilder(options, running);
    store = builder.build();
    context = new TestContext(Files.createDirectories(stateDirectory), 0);
    init();
  }

  /** Resumes with another object, as Kafka Streams does when it makes a task again. */
  void initAnother() {
    store = builder.build();
    init();
  }

  static StateStoreOptions options(Path layersHome, FreezePolicy policy) {
    return options(layersHome, policy, StoreResources.create());
  }

  static StateStoreOptions options(Path layersHome, FreezePolicy policy, StoreResources resources) {
    return StateStoreOptions.of(
            TestLog.TOPIC, LayerHomes.directory(layersHome), resources, TextWal::new)
        .withFreezePolicy(policy)
        .withClaimTimeout(Duration.ZERO);
  }

  void init() {
    store.init(context, store);
  }

  StoreHarness process(List<ConsumerRecord<byte[], byte[]>> records) {
    records.forEach(record -> store.process(TestLog.raw(record)));
    return this;
  }

  StoreHarness restore(List<ConsumerRecord<byte[], byte[]>> records) {
    context.restore(records);
    return this;
  }

  <R> QueryResult<R> query(Query<R> query) {
    return query(query, PositionBound.unbounded());
  }

  /** Returns the value of a read that has one. */
  <T> T read(Query<ReadAnswer<T>> query) {
    return query(query).getResult().orElseThrow();
  }

  <R> QueryResult<R> query(Query<R> query, PositionBound bound) {
    return store.query(query, bound, new QueryConfig(false));
  }

  LayerStoreStatus status() {
    return store.status();
  }

  Path storeDirectory() {
    return context.stateDir().toPath().resolve(options.storeName());
  }

  /** Waits until all freeze points that were set are durable. */
  StoreHarness flush() throws IOException, InterruptedException {
    store.awaitFlushed();
    return this;
  }

  @Override
  public void close() {
    store.close();
  }

  /** Returns the layer files of partition 0: their names, and their bytes in hexadecimal. */
  static Map<String, String> layerFiles(StateStoreOptions options) throws IOException {
    Path home = Path.of(options.home(0).location());
    Map<String, String> files = new TreeMap<>();
    if (!Files.exists(home)) {
      return files;
    }
    try (Stream<Path> all = Files.walk(home, 2)) {
      for (Path file : all.filter(f -> home.relativize(f).getNameCount() == 2).toList()) {
        files.put(
            home.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return files;
  }
}
