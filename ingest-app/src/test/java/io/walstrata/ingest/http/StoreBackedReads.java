package io.walstrata.ingest.http;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Reads of one store that has one page with a long history. */
final class StoreBackedReads implements LayerReads, Closeable {
  static final TimelineId TIMELINE = new TimelineId(1, 2);
  static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 1);

  private final LayerStore store;

  /** Puts so many records of so many bytes each; every third freeze point is in a file. */
  StoreBackedReads(Path directory, int records, int bytes) throws Exception {
    store =
        LayerStore.open(
            LayerHomes.partition(directory.resolve("home")),
            directory.resolve("ephemeral"),
            LayerStoreOptions.DEFAULTS);
    LayerWriter writer = store.claim();
    Random random = new Random(1);
    for (int n = 0; n < records; n++) {
      byte[] value = new byte[bytes];
      random.nextBytes(value);
      writer.put(n, TIMELINE, KEY, Lsn.of(n + 1), Value.walRecord(value, /* willInit= */ n == 0));
      if (n == records / 2) {
        writer.freeze(n);
        writer.awaitFlushed();
      }
    }
  }

  @Override
  public ReadAnswer<List<Located>> timelines(ReadLimit limit) {
    return ReadAnswer.of(
        () -> store.timelines(limit).stream().map(info -> new Located("wal-0", info)).toList());
  }

  @Override
  public ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit) {
    return ReadAnswer.of(() -> store.layers(timeline, limit));
  }

  @Override
  public ReadAnswer<ReconstructData> page(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    return ReadAnswer.ofPage(() -> store.get(timeline, key, asOf, limit));
  }

  @Override
  public ReadAnswer<PageRead> redonePage(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    return ReadAnswer.of(() -> store.page(timeline, key, asOf, limit));
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
