package io.walstrata.ingest.query;

import io.walstrata.ingest.http.LayerReads;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.LayerFileReport;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerTree;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads layer files with nothing else running: all homes below a directory, as they were when they
 * were opened. Nothing is written or locked, so a job may own them at the same time.
 */
public final class HomeReads implements LayerReads, Closeable {
  private final StoreResources resources;
  private final Map<String, LayerStore> stores = new TreeMap<>();

  private HomeReads(StoreResources resources) {
    this.resources = resources;
  }

  /**
   * Opens the homes below a directory.
   *
   * @param options the redo for pages
   * @throws IOException if there is none, or one cannot be opened
   */
  public static HomeReads open(Path directory, LayerStoreOptions options) throws IOException {
    HomeReads reads = new HomeReads(StoreResources.create());
    try {
      reads.openAll(directory, options);
      return reads;
    } catch (IOException | RuntimeException e) {
      reads.close();
      throw e;
    }
  }

  private void openAll(Path directory, LayerStoreOptions options) throws IOException {
    List<LayerFileReport> troubles = new ArrayList<>();
    List<Path> homes = LayerTree.homes(directory, troubles::add);
    if (!troubles.isEmpty()) {
      LayerFileReport first = troubles.get(0);
      throw new IOException(first.file() + ": " + first.problem().orElse(""));
    }
    if (homes.isEmpty()) {
      throw new IOException("no layers below: directory=" + directory);
    }
    for (Path home : homes) {
      // Nothing is written to the second directory by a store that only reads.
      stores.put(
          home.toString(),
          LayerStore.open(LayerHomes.partition(home), home.resolve("unused"), options, resources));
    }
  }

  @Override
  public ReadAnswer<List<Located>> timelines(ReadLimit limit) {
    return ReadAnswer.of(
        () -> {
          List<Located> all = new ArrayList<>();
          for (Map.Entry<String, LayerStore> each : stores.entrySet()) {
            for (TimelineInfo info : each.getValue().timelines(limit)) {
              all.add(new Located(each.getKey(), info));
            }
          }
          return all;
        });
  }

  @Override
  public ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit) {
    return owner(timeline).flatMap(store -> ReadAnswer.of(() -> store.layers(timeline, limit)));
  }

  @Override
  public ReadAnswer<ReconstructData> page(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    return owner(timeline)
        .flatMap(store -> ReadAnswer.ofPage(() -> store.get(timeline, key, asOf, limit)));
  }

  @Override
  public ReadAnswer<PageRead> redonePage(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    return owner(timeline)
        .flatMap(store -> ReadAnswer.of(() -> store.page(timeline, key, asOf, limit)));
  }

  private ReadAnswer<LayerStore> owner(TimelineId timeline) {
    List<PartitionAnswer<LayerStore>> answers = new ArrayList<>();
    stores.forEach(
        (home, store) ->
            answers.add(
                new PartitionAnswer<>(
                    home,
                    store.hasTimeline(timeline)
                        ? new ReadAnswer.Found<>(store)
                        : new ReadAnswer.UnknownTimeline<>(timeline))));
    return PartitionAnswer.ofOwner(timeline, answers);
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (LayerStore store : stores.values()) {
      try {
        store.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    resources.close();
    if (failure != null) {
      throw failure;
    }
  }
}
