package io.walstrata.layerstore.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example, as it stands there. */
class ReadmeExampleTest {
  @TempDir Path directory;

  @Test
  void theExample_runs() {
    Path layersHome = directory.resolve("layers");

    TimelineId timeline = TimelineId.parse("000102030405060708090a0b0c0d0e0f");
    PageKey page = PageKey.parse("1663.5.16384.0.0");

    // Each message is a whole page, its offset the LSN; yours say more.
    WalDecoder decoder =
        (record, sink) ->
            sink.version(timeline, page, Lsn.of(record.offset() + 1), Value.image(record.value()));
    LayerStoresOptions options =
        LayerStoresOptions.of("pages", layersHome, () -> decoder)
            .withFreezePolicy(FreezePolicy.everyOffsets(100_000));
    Topology topology = LayerStores.addTo(new Topology(), options, "pages-dead-letters");

    Query<ReconstructData> query = PageQuery.withKey(timeline, page).asOf(Lsn.parse("0/2"));
    // KafkaStreams.query(StateQueryRequest.inStore("layers-pages").withQuery(query)) gives it.

    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "readme");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    config.put(StreamsConfig.STATE_DIR_CONFIG, directory.resolve("state").toString());
    try (TopologyTestDriver driver = new TopologyTestDriver(topology, config)) {
      var input = driver.createInputTopic("pages", new LongSerializer(), new StringSerializer());
      input.pipeInput(1L, "first");
      input.pipeInput(1L, "second");
      input.pipeInput(1L, "third");
      ReconstructData found =
          ((LayerStateStore) driver.getStateStore("layers-pages"))
              .query(query, PositionBound.unbounded(), new QueryConfig(false))
              .getResult();
      assertThat(found.base()).isNotNull();
      assertThat(found.base().lsn()).isEqualTo(Lsn.of(2));
      assertThat(found.base().value().bytes()).asString().isEqualTo("second");
    }
  }
}
