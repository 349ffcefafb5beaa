package io.walstrata.layerstore.jmh;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A claimed store in a new directory, deleted at the end. The directory is below {@code
 * java.io.tmpdir}, which should be on the disk that counts.
 */
final class TempStore implements Closeable {
  static final TimelineId TIMELINE = new TimelineId(1, 1);

  private final Path directory;
  private final LayerStore store;
  private final LayerWriter writer;
  private long offset = -1;
  private long lsn = 1000;

  TempStore() throws IOException {
    directory = Files.createTempDirectory("walstrata-jmh-");
    store = open();
    writer = store.claim();
  }

  /** Makes a store with these settings; the caller closes the resources after it. */
  TempStore(LayerStoreOptions options, StoreResources resources) throws IOException {
    directory = Files.createTempDirectory("walstrata-jmh-");
    store =
        LayerStore.open(
            LayerHomes.partition(directory.resolve("layers")),
            directory.resolve("state"),
            options,
            resources);
    writer = store.claim();
  }

  static PageKey key(int block) {
    return PageKey.of(0, 1663, 5, 16384, 0, Integer.toUnsignedLong(block));
  }

  LayerStore store() {
    return store;
  }

  LayerWriter writer() {
    return writer;
  }

  /** Opens another store on the same files, for reading. */
  LayerStore open() throws IOException {
    return LayerStore.open(
        LayerHomes.partition(directory.resolve("layers")),
        directory.resolve("state"),
        LayerStoreOptions.DEFAULTS);
  }

  /** Returns the LSN of what was put last. */
  Lsn lastLsn() {
    return Lsn.of(lsn);
  }

  /** Returns the LSN that the next version is to have. */
  Lsn nextLsn() {
    lsn += 8;
    return Lsn.of(lsn);
  }

  /** Returns the log offset that the next put is to have. */
  long nextOffset() {
    return ++offset;
  }

  void putImage(int block, byte[] value) throws IOException {
    writer.put(nextOffset(), TIMELINE, key(block), nextLsn(), Value.image(value));
  }

  /** Writes all that was put to a delta file. */
  void flush() throws IOException, InterruptedException {
    writer.freeze(offset);
    writer.awaitFlushed();
  }

  @Override
  public void close() throws IOException {
    store.close();
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }
}
