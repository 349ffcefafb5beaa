package io.walstrata.layerstore.streams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.streams.LayersQuery;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.streams.StatusQuery;
import io.walstrata.layerstore.streams.TimelinesQuery;
import io.walstrata.layerstore.testkit.LayerVisits;
import io.walstrata.layerstore.testkit.ManyLayers;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries visit as many layers of a timeline of ten thousand as of a timeline of ten. */
class LayerVisitsTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 2);

  @TempDir Path directory;

  private StoreHarness store(int layers) throws Exception {
    StateStoreOptions options =
        StoreHarness.options(
            directory.resolve("layers-" + layers), FreezePolicy.everyOffsets(1_000_000));
    ManyLayers.write(Path.of(options.home(0).location()), TIMELINE, layers);
    return new StoreHarness(options, directory.resolve("task-" + layers));
  }

  private Map<String, Long> visits(int layers) throws Exception {
    PageQuery page = PageQuery.withKey(TIMELINE, ManyLayers.key(1));
    Map<String, Long> visits = new LinkedHashMap<>();
    try (StoreHarness store = store(layers)) {
      visits.put(
          "page of the last LSN",
          LayerVisits.during(
              () ->
                  assertThat(store.read(page).base().value().bytes())
                      .isEqualTo(ManyLayers.value(layers))));
      visits.put(
          "page of an LSN",
          LayerVisits.during(
              () ->
                  assertThat(store.read(page.asOf(Lsn.of(layers))).lastLsn())
                      .isEqualTo(Lsn.of(layers))));
      visits.put(
          "LSN not reached",
          LayerVisits.during(() -> store.query(page.asOf(Lsn.of(layers + 1))).getResult()));
      visits.put(
          "timelines",
          LayerVisits.during(
              () ->
                  assertThat(store.read(TimelinesQuery.all()).get(0).layers()).isEqualTo(layers)));
      visits.put(
          "status", LayerVisits.during(() -> store.query(StatusQuery.instance()).getResult()));
      visits.put("position", LayerVisits.during(() -> store.store.getPosition()));
    }
    return visits;
  }

  @Test
  void visits_doNotDependOnTheNumberOfLayers() throws Exception {
    Map<String, Long> ofTen = visits(10);
    assertThat(visits(10_000)).isEqualTo(ofTen);
    assertThat(ofTen.get("page of the last LSN")).isPositive();
  }

  @Test
  void walkOverAllLayers_isCounted() throws Exception {
    try (StoreHarness store = store(100)) {
      assertThat(
              LayerVisits.during(
                  () -> assertThat(store.read(LayersQuery.ofTimeline(TIMELINE))).hasSize(100)))
          .isEqualTo(100);
    }
  }
}
