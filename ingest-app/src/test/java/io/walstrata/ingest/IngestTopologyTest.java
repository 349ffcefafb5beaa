package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.ingest.avro.AvroWalDecoders;
import io.walstrata.ingest.avro.DecodeRules;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.streams.BadRecordStopException;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import io.walstrata.layerstore.streams.ReadableLayerStore;
import io.walstrata.schemas.serde.WalSerializer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The topology that {@link IngestJob} runs, with the job's own settings and Avro messages. */
class IngestTopologyTest {
  private static final byte[] KEY = WalMessages.TIMELINE.toBytes();

  private final WalSerializer serializer =
      new WalSerializer(Map.of("schema.registry.url", "mock://topology"));

  @TempDir Path directory;
  private AvroWalDecoders decoders =
      AvroWalDecoders.open(Map.of("schema.registry.url", "mock://x"), DecodeRules.NONE);

  @AfterEach
  void close() throws IOException {
    serializer.close();
    decoders.close();
  }

  private IngestConfig config(Map<String, String> more) {
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "bootstrap.servers", "nowhere:1",
                "schema.registry.url", "mock://topology",
                "wal.topics", "wal,other",
                "layers.home", directory.resolve("layers").toString(),
                "state.dir", directory.resolve("state").toString()));
    settings.putAll(more);
    return IngestConfig.of(settings);
  }

  private TopologyTestDriver start(Map<String, String> more) {
    IngestConfig config = config(more);
    decoders = AvroWalDecoders.open(config.registrySettings(), config.decodeRules());
    return new TopologyTestDriver(
        IngestTopology.build(config, StoreResources.create(config.storeBounds()), decoders),
        config.streamsSettings());
  }

  private void send(TopologyTestDriver to, String topic, SpecificRecord message) {
    send(to, topic, Objects.requireNonNull(serializer.serialize(topic, message)));
  }

  private static void send(TopologyTestDriver to, String topic, byte[] message) {
    to.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(KEY, message, 1_000L);
  }

  private static List<TestRecord<byte[], byte[]>> deadLetters(TopologyTestDriver of, String topic) {
    return of.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private static ReadableLayerStore store(TopologyTestDriver of, String topic) {
    return (ReadableLayerStore) of.getStateStore("layers-" + topic);
  }

  @Test
  void avroMessages_becomeReadablePages() throws IOException {
    try (TopologyTestDriver job = start(Map.of())) {
      send(job, "wal", WalMessages.image(100, "base"));
      send(job, "wal", WalMessages.change(200, "change"));
      ReconstructData data =
          store(job, "wal").get(WalMessages.TIMELINE, WalMessages.PAGE, Lsn.of(200));
      assertThat(data.status()).isEqualTo(ReconstructData.Status.COMPLETE);
      assertThat(data.base()).isNotNull();
      assertThat(data.records()).hasSize(1);
      assertThat(deadLetters(job, "walstrata-dead-letters")).isEmpty();
    }
  }

  @Test
  void allStores_shareTheirResources() {
    StoreResources resources = StoreResources.create();
    decoders = AvroWalDecoders.open(config(Map.of()).registrySettings(), DecodeRules.NONE);
    assertThat(IngestTopology.stores(config(Map.of()), resources, decoders))
        .hasSize(2)
        .allSatisfy(store -> assertThat(store.resources()).isSameAs(resources));
  }

  @Test
  void eachTopic_hasAStoreAndAHomeOfItsOwn() {
    try (TopologyTestDriver job = start(Map.of("freeze.offsets", "1"))) {
      send(job, "other", WalMessages.image(100, "base"));
      assertThat(store(job, "wal").timelines()).isEmpty();
      assertThat(store(job, "other").timelines()).hasSize(1);
      assertThat(directory.resolve("layers/other/0")).isDirectory();
      assertThat(directory.resolve("layers/wal/0")).doesNotExist();
    }
  }

  @Test
  void freezeSettings_decideWhereLayersEnd() {
    try (TopologyTestDriver job = start(Map.of("freeze.offsets", "2"))) {
      for (int lsn = 1; lsn <= 5; lsn++) {
        send(job, "wal", WalMessages.image(lsn, "v" + lsn));
      }
      List<LayerDesc> layers = store(job, "wal").layers(WalMessages.TIMELINE);
      assertThat(layers).hasSize(3);
      assertThat(layers).extracting(LayerDesc::endOffset).startsWith(2L, 4L);
    }
  }

  @Test
  void garbage_goesToTheDeadLetterTopic() {
    try (TopologyTestDriver job = start(Map.of("dead.letter.topic", "dlq"))) {
      send(job, "wal", new byte[] {1, 2, 3});
      send(job, "other", new byte[] {4});
      send(job, "wal", WalMessages.image(100, "good"));
      assertThat(deadLetters(job, "dlq"))
          .extracting(letter -> DeadLetterHeaders.read(letter.headers(), DeadLetterHeaders.TOPIC))
          .extracting(java.util.Optional::orElseThrow)
          .containsExactly("wal", "other");
      assertThat(store(job, "wal").timelines()).hasSize(1);
    }
  }

  @Test
  void garbage_withFail_stopsTheJob() {
    try (TopologyTestDriver job = start(Map.of("on.bad.record", "fail"))) {
      assertThatThrownBy(() -> send(job, "wal", new byte[] {1, 2, 3}))
          .hasRootCauseInstanceOf(BadRecordStopException.class)
          .rootCause()
          .hasMessageContainingAll("topic=wal", "partition=0", "offset=0");
    }
  }
}
