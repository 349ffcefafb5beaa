package io.walstrata.layerstore.streams.internal;

import static io.walstrata.layerstore.streams.internal.TextWal.bytes;
import static io.walstrata.layerstore.streams.internal.TextWal.page;
import static io.walstrata.layerstore.streams.internal.TextWal.put;
import static io.walstrata.layerstore.streams.internal.TextWal.timeline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.streams.BadRecordStopException;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.IngestCounters;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import io.walstrata.layerstore.streams.LayerStores;
import io.walstrata.layerstore.streams.OnBadRecord;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.RecordTimestamps;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.streams.WalDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The wiring of {@link LayerStores}, run by Kafka's own driver. */
class LayerStoresTopologyTest {
  private static final String DEAD_LETTERS = "wal-dead-letters";
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

  @TempDir Path directory;
  private StateStoreOptions options = options("unused", Path.of("unused"));
  private @Nullable TopologyTestDriver driver;

  private static StateStoreOptions options(String topic, Path home) {
    return options(topic, LayerHomes.directory(home));
  }

  private static StateStoreOptions options(String topic, LayerHomes homes) {
    return StateStoreOptions.of(topic, homes, StoreResources.create(), TextWal::new)
        .withFreezePolicy(FreezePolicy.everyOffsets(4));
  }

  @BeforeEach
  void setUp() {
    options = options("wal", directory.resolve("layers"));
  }

  @AfterEach
  void tearDown() {
    if (driver != null) {
      driver.close();
    }
  }

  private TopologyTestDriver start() {
    return start(LayerStores.addTo(new Topology(), options, DEAD_LETTERS), Map.of());
  }

  private TopologyTestDriver start(Topology topology, Map<String, Object> extra) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    config.put(StreamsConfig.STATE_DIR_CONFIG, directory.resolve("state").toString());
    config.putAll(extra);
    TopologyTestDriver started = new TopologyTestDriver(topology, config, NOW);
    driver = started;
    return started;
  }

  private static void pipe(TopologyTestDriver to, String topic, String... messages) {
    for (String message : messages) {
      pipe(to, topic, new TestRecord<>(bytes("key"), bytes(message), new RecordHeaders(), 5000L));
    }
  }

  private static void pipe(TopologyTestDriver to, String topic, TestRecord<byte[], byte[]> record) {
    to.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(record);
  }

  private static List<TestRecord<byte[], byte[]>> deadLetters(TopologyTestDriver of) {
    return of.createOutputTopic(
            DEAD_LETTERS, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private static String header(TestRecord<byte[], byte[]> record, String name) {
    return DeadLetterHeaders.read(record.headers(), name).orElseThrow();
  }

  private static String read(TopologyTestDriver from, String store, long block, long lsn) {
    LayerStateStore layers = (LayerStateStore) from.getStateStore(store);
    PageQuery query = PageQuery.withKey(timeline(1), page(block)).asOf(Lsn.of(lsn));
    return layers
        .query(query, PositionBound.unbounded(), new QueryConfig(false))
        .getResult()
        .fold(
            data -> new String(data.base().value().bytes(), StandardCharsets.UTF_8),
            none -> none.getClass().getSimpleName());
  }

  private static LayerStoreStatus status(TopologyTestDriver of) {
    return ((LayerStateStore) of.getStateStore("layers-wal")).status();
  }

  @Test
  void goodRecords_areReadable_andNothingIsDead() {
    TopologyTestDriver run = start();
    pipe(run, "wal", put(1, 7, 100, "a"), "batch 1 7:200:image:b 8:200:image:c", "drop 1 8 9 300");
    assertThat(read(run, "layers-wal", 7, 150)).isEqualTo("a");
    assertThat(read(run, "layers-wal", 7, 250)).isEqualTo("b");
    assertThat(read(run, "layers-wal", 8, 250)).isEqualTo("c");
    assertThat(read(run, "layers-wal", 8, 300)).isEqualTo("Dropped");
    assertThat(deadLetters(run)).isEmpty();
    assertThat(status(run).counters().get(IngestCounter.TOMBSTONES)).isEqualTo(1);
  }

  @Test
  void idlePartition_isFrozen_andItsLayersSaySo() throws Exception {
    StateStoreOptions idle = options.withFreezeIdle(Duration.ofSeconds(8));
    TopologyTestDriver run = start(LayerStores.addTo(new Topology(), idle, DEAD_LETTERS), Map.of());
    pipe(run, "wal", put(1, 7, 100, "a"));
    run.advanceWallClockTime(Duration.ofSeconds(6));
    pipe(run, "wal", put(1, 8, 200, "b"));
    run.advanceWallClockTime(Duration.ofSeconds(6));
    LayerStateStore store = (LayerStateStore) run.getStateStore("layers-wal");
    assertThat(status(run).writes().freezes().get(FreezeReason.IDLE)).isZero();
    run.advanceWallClockTime(Duration.ofSeconds(10));
    run.advanceWallClockTime(Duration.ofSeconds(10)); // nothing is open any more
    store.awaitFlushed();
    assertThat(status(run).writes().freezes().get(FreezeReason.IDLE)).isEqualTo(1);
    assertThat(status(run).durableOffset()).hasValue(1);
    assertThat(store.layers(timeline(1)))
        .singleElement()
        .extracting(LayerDesc::freezeReason)
        .isEqualTo(FreezeReason.IDLE);
  }

  @Test
  void idlePartition_isNotFrozenUnlessAskedFor() {
    TopologyTestDriver run = start();
    pipe(run, "wal", put(1, 7, 100, "a"));
    run.advanceWallClockTime(Duration.ofDays(1));
    assertThat(status(run).writes().freezes().get(FreezeReason.IDLE)).isZero();
  }

  @Test
  void badRecord_goesToTheDeadLettersWithItsOrigin_andTheStreamContinues() {
    TopologyTestDriver run = start();
    pipe(run, "wal", put(1, 7, 100, "a"));
    Headers original = new RecordHeaders().add("trace", new byte[] {0, (byte) 0xFF});
    pipe(run, "wal", new TestRecord<>(bytes("key"), bytes("garbage"), original, 777L));
    pipe(run, "wal", put(1, 7, 200, "b"));

    List<TestRecord<byte[], byte[]>> dead = deadLetters(run);
    assertThat(dead).hasSize(1);
    TestRecord<byte[], byte[]> letter = dead.get(0);
    assertThat(letter.key()).isEqualTo(bytes("key"));
    assertThat(letter.value()).isEqualTo(bytes("garbage"));
    assertThat(letter.headers().lastHeader("trace").value()).isEqualTo(new byte[] {0, (byte) 0xFF});
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("undecodable");
    assertThat(header(letter, DeadLetterHeaders.MESSAGE)).isEqualTo("no such operation: garbage");
    assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo("wal");
    assertThat(header(letter, DeadLetterHeaders.PARTITION)).isEqualTo("0");
    assertThat(header(letter, DeadLetterHeaders.OFFSET)).isEqualTo("1");
    assertThat(header(letter, DeadLetterHeaders.TIMESTAMP)).isEqualTo("777");
    assertThat(letter.timestamp()).isEqualTo(NOW.toEpochMilli());
    assertThat(read(run, "layers-wal", 7, 200)).isEqualTo("b");
  }

  @Test
  void badRecord_headersOfAnEarlierDeath_areReplaced() {
    TopologyTestDriver run = start();
    Headers headers = new RecordHeaders().add(DeadLetterHeaders.REASON, bytes("old"));
    pipe(run, "wal", new TestRecord<>(bytes("key"), bytes("garbage"), headers, 1L));
    TestRecord<byte[], byte[]> letter = deadLetters(run).get(0);
    assertThat(letter.headers().headers(DeadLetterHeaders.REASON)).hasSize(1);
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("undecodable");
  }

  @ParameterizedTest
  @CsvSource({
    "garbage, undecodable",
    "put 1 7 0 image a, invalid_lsn",
    "put 1 7 -1 image a, invalid_lsn",
    "put 1 7 5 nonsense a, malformed",
    "progress 1 0, invalid_lsn",
    "drop 1 9 9 100, malformed",
    "drop 1 8 9 0, invalid_lsn",
    "batch 1 7:200:image:b 8:100:image:c, malformed",
    "key-too-large, unrepresentable_key",
  })
  void badRecord_reasonIsStable(String message, String reason) {
    TopologyTestDriver run = start();
    pipe(run, "wal", message);
    assertThat(deadLetters(run))
        .singleElement()
        .satisfies(dead -> assertThat(header(dead, DeadLetterHeaders.REASON)).isEqualTo(reason));
    assertThat(status(run).counters().get(IngestCounter.BAD_RECORDS)).isEqualTo(1);
  }

  @Test
  void badRecord_isRefusedWhole() {
    TopologyTestDriver run = start();
    pipe(run, "wal", put(1, 7, 100, "a"), put(1, 7, 200, "b") + "\ngarbage", "progress 1 500");
    assertThat(deadLetters(run)).hasSize(1);
    assertThat(read(run, "layers-wal", 7, 500)).isEqualTo("a");
  }

  @Test
  void nullKeyAndNullValue_areDead() {
    TopologyTestDriver run = start();
    pipe(run, "wal", new TestRecord<>(null, bytes(put(1, 7, 100, "a")), new RecordHeaders(), 1L));
    pipe(run, "wal", new TestRecord<>(bytes("key"), null, new RecordHeaders(), 1L));
    List<TestRecord<byte[], byte[]>> dead = deadLetters(run);
    assertThat(dead)
        .extracting(letter -> header(letter, DeadLetterHeaders.REASON))
        .containsExactly("null_key", "null_value");
    assertThat(dead.get(0).key()).isNull();
    assertThat(dead.get(1).value()).isNull();
    assertThat(status(run).counters().get(IngestCounter.VERSIONS)).isZero();
  }

  @Test
  void lateVersions_areNamed_andTheOthersTaken() {
    TopologyTestDriver run = start();
    pipe(run, "wal", put(1, 7, 500, "a"), "batch 1 1:400:image:x 2:500:image:y 3:600:image:z");
    TestRecord<byte[], byte[]> letter = deadLetters(run).get(0);
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("late");
    assertThat(header(letter, DeadLetterHeaders.MESSAGE))
        .contains("late=1", "entry=0", "key=" + page(1), "lsn=0/190", timeline(1).toString())
        .doesNotContain("entry=1");
    assertThat(read(run, "layers-wal", 1, 600)).isEqualTo("BeforeHistory");
    assertThat(read(run, "layers-wal", 2, 600)).isEqualTo("y");
    assertThat(read(run, "layers-wal", 3, 600)).isEqualTo("z");
    assertThat(status(run).counters().get(IngestCounter.LATE_VERSIONS)).isEqualTo(1);
    assertThat(status(run).counters().get(IngestCounter.LATE_RECORDS)).isEqualTo(1);
  }

  @Test
  void manyLateVersions_giveAShortMessage() {
    TopologyTestDriver run = start();
    StringBuilder batch = new StringBuilder("batch 1");
    for (int block = 0; block < 1000; block++) {
      batch.append(' ').append(block).append(":400:image:x");
    }
    pipe(run, "wal", "progress 1 1000", batch.toString());
    assertThat(header(deadLetters(run).get(0), DeadLetterHeaders.MESSAGE))
        .contains("late=1000", "entry=9 ")
        .doesNotContain("entry=10 ")
        .hasSizeLessThan(1500);
  }

  @Test
  void resentVersions_areCounted_notDead() {
    TopologyTestDriver run = start();
    String first = put(1, 7, 100, "a");
    String second = put(1, 8, 200, "b");
    pipe(run, "wal", first, second, first, second + "\n" + second); // 4 records: a freeze point
    pipe(run, "wal", first, second);
    assertThat(deadLetters(run)).isEmpty();
    IngestCounters counters = status(run).counters();
    assertThat(counters.get(IngestCounter.VERSIONS)).isEqualTo(2);
    assertThat(counters.get(IngestCounter.DUPLICATES)).isEqualTo(5);
  }

  @Test
  void twoTopics_haveTwoStores() {
    Topology topology = LayerStores.addTo(new Topology(), options, DEAD_LETTERS);
    LayerStores.addTo(topology, options("wal2", options.homes()), DEAD_LETTERS);
    TopologyTestDriver run = start(topology, Map.of());
    pipe(run, "wal", put(1, 7, 100, "first"));
    pipe(run, "wal2", put(1, 7, 100, "second"), "garbage");
    assertThat(read(run, "layers-wal", 7, 100)).isEqualTo("first");
    assertThat(read(run, "layers-wal2", 7, 100)).isEqualTo("second");
    assertThat(deadLetters(run))
        .singleElement()
        .satisfies(letter -> assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo("wal2"));
  }

  @Test
  void nextLife_withoutTheTaskDirectory_keepsWhatWasDurable_andSkipsIt() throws Exception {
    String[] log = {
      put(1, 7, 100, "a"),
      put(1, 7, 200, "b"),
      put(1, 7, 300, "c"),
      put(1, 7, 400, "d"),
      put(1, 7, 500, "e")
    };
    TopologyTestDriver first = start();
    pipe(first, "wal", log);
    ((LayerStateStore) first.getStateStore("layers-wal")).awaitFlushed();
    first.close(); // deletes the state directory

    TopologyTestDriver second = start();
    assertThat(read(second, "layers-wal", 7, 400)).isEqualTo("d");
    pipe(second, "wal", log);
    assertThat(read(second, "layers-wal", 7, 500)).isEqualTo("e");
    assertThat(status(second).counters().get(IngestCounter.SKIPPED_RECORDS)).isEqualTo(4);
    assertThat(status(second).counters().get(IngestCounter.VERSIONS)).isEqualTo(1);
  }

  @Test
  void nextLife_recordsReadAgain_areDeadLetteredAgain() throws Exception {
    String[] log = {
      put(1, 7, 500, "a"),
      "garbage",
      "batch 1 1:400:image:x 2:600:image:y",
      "drop 1 1 2 300",
      "drop 1 7 8 700",
      put(1, 3, 700, "z") + "\n" + put(1, 7, 700, "hidden by the tombstone of its LSN"),
      put(1, 9, 800, "w") + "\n" + "progress 1 900",
      put(1, 4, 850, "late, below the mark")
    };
    TopologyTestDriver first = start();
    pipe(first, "wal", log);
    List<String> dead = describe(deadLetters(first));
    assertThat(dead).hasSize(4);
    ((LayerStateStore) first.getStateStore("layers-wal")).awaitFlushed();
    first.close();

    TopologyTestDriver second = start();
    pipe(second, "wal", log);
    assertThat(status(second).counters().get(IngestCounter.SKIPPED_RECORDS)).isEqualTo(8);
    assertThat(describe(deadLetters(second))).isEqualTo(dead);
  }

  private static List<String> describe(List<TestRecord<byte[], byte[]>> letters) {
    return letters.stream()
        .map(
            letter ->
                header(letter, DeadLetterHeaders.OFFSET)
                    + " "
                    + header(letter, DeadLetterHeaders.REASON)
                    + " "
                    + header(letter, DeadLetterHeaders.MESSAGE))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"garbage, undecodable", "put 1 7 50 image x, late"})
  void onBadRecordFail_stopsInFrontOfIt_whateverTheExceptionHandler(String bad, String reason) {
    StateStoreOptions failing = options.withOnBadRecord(OnBadRecord.FAIL);
    TopologyTestDriver run =
        start(
            LayerStores.addTo(new Topology(), failing),
            Map.of(
                StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
                LogAndContinueProcessingExceptionHandler.class));
    pipe(run, "wal", put(1, 7, 100, "a"));
    assertThatThrownBy(() -> pipe(run, "wal", bad))
        .isInstanceOf(StreamsException.class)
        .hasRootCauseInstanceOf(BadRecordStopException.class)
        .rootCause()
        .hasMessageContaining("reason=" + reason)
        .hasMessageContaining("topic=wal, partition=0, offset=1");
    assertThat(status(run).ingestedOffset()).hasValue(0);
    assertThat(status(run).ingestFailure()).isPresent();
    assertThatThrownBy(() -> pipe(run, "wal", put(1, 7, 200, "b")))
        .hasStackTraceContaining("takes no more records after an error");
  }

  @Test
  void decoderBreaks_stopsTheStream_whateverTheExceptionHandler() {
    WalDecoder broken =
        (record, sink) -> {
          throw new UnsupportedOperationException("no registry");
        };
    StateStoreOptions options =
        StateStoreOptions.of(
            "wal",
            LayerHomes.directory(directory.resolve("layers")),
            StoreResources.create(),
            () -> broken);
    TopologyTestDriver run =
        start(
            LayerStores.addTo(new Topology(), options, DEAD_LETTERS),
            Map.of(
                StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
                LogAndContinueProcessingExceptionHandler.class));
    assertThatThrownBy(() -> pipe(run, "wal", "anything")).hasStackTraceContaining("no registry");
    assertThat(deadLetters(run)).isEmpty();
  }

  @Test
  void addTo_deadLettersAndFailure_mustFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerStores.addTo(new Topology(), options))
        .withMessageContaining("OnBadRecord.FAIL");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LayerStores.addTo(
                    new Topology(), options.withOnBadRecord(OnBadRecord.FAIL), DEAD_LETTERS));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerStores.addTo(new Topology(), options, "wal"))
        .withMessageContaining("the topic itself");
  }

  @Test
  void storeBuilder_refusesCachingAndAChangelogOfItsOwn() {
    StoreBuilder<?> builder = LayerStores.storeBuilder(options);
    assertThatThrownBy(builder::withCachingEnabled)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("layers-wal");
    assertThatThrownBy(() -> builder.withLoggingEnabled(Map.of()))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("source topic is its log");
    assertThat(builder.withCachingDisabled()).isSameAs(builder);
    assertThat(builder.loggingEnabled()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"'', x", "a/b, x", ".., x", "wal, a b", "wal, .."})
  void options_namesThatAreNoDirectories_areRefused(String topic, String store) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                StateStoreOptions.of(
                        topic,
                        LayerHomes.directory(directory),
                        StoreResources.create(),
                        TextWal::new)
                    .withStoreName(store))
        .withMessageContaining("name=");
  }

  /** How to wire the store by hand, without {@link LayerStores#addTo}. */
  @Test
  void storeBuilder_inATopologyOfOnesOwn() {
    Topology topology = new Topology();
    topology.addReadOnlyStateStore(
        LayerStores.storeBuilder(options),
        "source",
        new RecordTimestamps(),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        "wal",
        "ingest",
        LayerStores.ingestProcessor("ingest", options));
    topology
        .addProcessor("dead", LayerStores.deadLetterProcessor("dead", options), "source")
        .connectProcessorAndStateStores("dead", options.storeName())
        .addSink(
            "sink", DEAD_LETTERS, new ByteArraySerializer(), new ByteArraySerializer(), "dead");
    TopologyTestDriver run = start(topology, Map.of());
    pipe(run, "wal", put(1, 7, 100, "a"), "garbage");
    assertThat(read(run, "layers-wal", 7, 100)).isEqualTo("a");
    assertThat(deadLetters(run)).hasSize(1);
  }
}
