package io.walstrata.layerstore.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.streams.LayerStores;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.streams.WalDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

/** The README's example, as it stands there, in a package that sees what its readers see. */
class ReadmeExampleTest {
  private static final Path README = Path.of("../README.md");

  @TempDir Path directory;

  @Test
  void theReadme_hasTheseLines_importsIncluded() throws IOException {
    String readme = Files.readString(README);
    int start = readme.indexOf("```java\n", readme.indexOf("## The store in your own topology"));
    String example = readme.substring(start + 8, readme.indexOf("```", start + 8));
    Path source =
        Path.of("src/test/java", ReadmeExampleTest.class.getName().replace('.', '/') + ".java");
    List<String> tested = Files.readAllLines(source).stream().map(String::strip).toList();
    assertThat(example.lines().map(String::strip).toList())
        .hasSizeGreaterThan(20)
        .isSubsetOf(tested);
  }

  @Test
  void theReadme_namesTheArtifactOfThisBuild() throws IOException {
    assertThat(Files.readString(README))
        .contains("<artifactId>layer-store</artifactId>\n  " + version(Path.of("pom.xml")));
  }

  private static String version(Path pom) throws IOException {
    return Files.readAllLines(pom).stream()
        .filter(line -> line.contains("<version>"))
        .findFirst()
        .orElseThrow()
        .strip();
  }

  @Test
  void theExample_runs() {
    Path layersHome = directory.resolve("layers");

    TimelineId timeline = TimelineId.parse("000102030405060708090a0b0c0d0e0f");
    PageKey page = PageKey.parse("1663.5.16384.0.0");

    // Each message is a whole page, its offset the LSN; yours say more.
    WalDecoder decoder =
        (record, sink) ->
            sink.version(timeline, page, Lsn.of(record.offset() + 1), Value.image(record.value()));
    StoreResources resources = StoreResources.create(); // of the process; closed after its topology
    StateStoreOptions options =
        StateStoreOptions.of("pages", LayerHomes.directory(layersHome), resources, () -> decoder)
            .withFreezePolicy(FreezePolicy.everyOffsets(100_000));
    Topology topology = LayerStores.addTo(new Topology(), options, "pages-dead-letters");

    Query<ReadAnswer<ReconstructData>> query =
        PageQuery.withKey(timeline, page).asOf(Lsn.parse("0/2"));
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
          driver
              .getStateStore("layers-pages")
              .query(query, PositionBound.unbounded(), new QueryConfig(false))
              .getResult()
              .orElseThrow();
      assertThat(found.base()).isNotNull();
      assertThat(found.base().lsn()).isEqualTo(Lsn.of(2));
      assertThat(found.base().value().bytes()).asString().isEqualTo("second");
    }
  }
}
