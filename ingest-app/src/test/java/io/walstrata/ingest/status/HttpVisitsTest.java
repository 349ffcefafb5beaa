package io.walstrata.ingest.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.http.Health;
import io.walstrata.ingest.http.HttpApi;
import io.walstrata.ingest.query.GroupPeers;
import io.walstrata.ingest.query.StoreReads;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.streams.LayerStores;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.testkit.LayerVisits;
import io.walstrata.layerstore.testkit.ManyLayers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.apache.kafka.streams.query.StateQueryResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests visit as many layers of a timeline of ten thousand as of a timeline of ten. */
class HttpVisitsTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir Path directory;

  /** Answers queries from one open store, as a running job of one partition does. */
  private static final class OneStore extends KafkaStreams {
    private final StateStore store;

    OneStore(Topology topology, Properties settings, StateStore store) {
      super(topology, settings);
      this.store = store;
    }

    @Override
    public State state() {
      return State.RUNNING;
    }

    @Override
    public <R> StateQueryResult<R> query(StateQueryRequest<R> request) {
      StateQueryResult<R> result = new StateQueryResult<>();
      result.addResult(
          0, store.query(request.getQuery(), request.getPositionBound(), new QueryConfig(false)));
      return result;
    }

    @Override
    public Collection<StreamsMetadata> metadataForAllStreamsClients() {
      return List.of();
    }

    @Override
    public Set<ThreadMetadata> metadataForLocalThreads() {
      return Set.of();
    }
  }

  private Map<String, Long> visits(int layers) throws Exception {
    StateStoreOptions options =
        StateStoreOptions.of(
            "wal",
            LayerHomes.directory(directory.resolve("layers-" + layers)),
            StoreResources.create(),
            () -> (record, sink) -> {});
    ManyLayers.write(Path.of(options.home(0).location()), TIMELINE, layers);
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "visits");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.resolve("state-" + layers).toString());
    Topology topology = LayerStores.addTo(new Topology(), options, "dead-letters");
    try (TopologyTestDriver driver = new TopologyTestDriver(topology, settings)) {
      StateStore store = driver.getStateStore(options.storeName());
      settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.resolve("unused").toString());
      try (OneStore job = new OneStore(topology, settings, store)) {
        return visits(job, options, layers);
      }
    }
  }

  private static Map<String, Long> visits(OneStore job, StateStoreOptions options, int layers)
      throws Exception {
    StoreReads reads = new StoreReads(Map.of(options.storeName(), options.topic()), () -> job);
    RestoreProgress restores = new RestoreProgress(System::nanoTime);
    JobHealth jobHealth = new JobHealth(reads, restores, job, () -> Optional.of("no registry"));
    Health health = () -> jobHealth.report(List.of());
    JobView view =
        new JobView(
            "visits", "here:1", reads, restores, job, HttpVisitsTest::none, HttpVisitsTest::none);
    GroupPeers peers =
        new GroupPeers(job, "here:1", () -> Set.of(new TopicPartition("wal", 0)), view::held);
    JobMetrics.Signals signals =
        new JobMetrics.Signals(
            () -> health.report().isLive(),
            () -> health.report().isReady(),
            () -> true,
            () -> true);
    Map<String, Long> visits = new LinkedHashMap<>();
    try (JobMetrics metrics = new JobMetrics(view::partitions, signals);
        HttpApi api =
            HttpApi.start(
                "127.0.0.1",
                0,
                reads,
                new HttpApi.Insight(
                    health, () -> view.status(health.report(), peers), metrics::scrape),
                peers,
                ValueDescriber.LENGTH)) {
      String page = "/v1/timelines/" + TIMELINE + "/pages/" + ManyLayers.key(1);
      for (String path :
          List.of(
              page,
              page + "?lsn=0/" + Integer.toHexString(layers),
              "/v1/timelines/-/pages/" + ManyLayers.key(1),
              "/v1/timelines/" + new TimelineId(3, 4) + "/pages/" + ManyLayers.key(1),
              "/v1/timelines",
              "/v1/status",
              "/metrics",
              "/health/live",
              "/health/ready")) {
        visits.put(
            path.replaceAll("lsn=.*", "lsn=LAST"),
            LayerVisits.during(() -> get("http://127.0.0.1:" + api.port() + path)));
      }
      visits.put("partitions held", LayerVisits.during(view::held));
      String all = "http://127.0.0.1:" + api.port() + "/v1/timelines/" + TIMELINE + "/layers";
      assertThat(LayerVisits.during(() -> get(all))).as("a walk is counted").isEqualTo(layers);
    }
    return visits;
  }

  private static OptionalLong none(String topic, int partition) {
    return OptionalLong.empty();
  }

  private static void get(String url) throws Exception {
    HttpResponse<String> response =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode())
        .as(url + ": " + response.body())
        .isEqualTo(url.contains(new TimelineId(3, 4).toString()) ? 404 : 200);
  }

  @Test
  void visits_doNotDependOnTheNumberOfLayers() throws Exception {
    Map<String, Long> ofTen = visits(10);
    assertThat(visits(10_000)).isEqualTo(ofTen);
    assertThat(ofTen.values()).anySatisfy(count -> assertThat(count).isPositive());
  }
}
