package io.walstrata.harness.bench;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Walstrata's engine, frozen every 128 MiB as its Kafka Streams store does by default. */
final class WalstrataPeer implements Peer {
  private static final TimelineId TIMELINE = new TimelineId(1, 1);

  private final LayerStore store;
  private final LayerWriter writer;
  private long offset = -1;
  private long bytes;

  WalstrataPeer(Path directory) throws IOException {
    store =
        LayerStore.open(
            LayerHomes.partition(directory.resolve("layers")),
            directory.resolve("state"),
            LayerStoreOptions.DEFAULTS);
    writer = store.claim();
  }

  @Override
  public void put(PageKey key, Lsn lsn, byte[] value) throws IOException {
    offset++;
    writer.put(offset, TIMELINE, key, lsn, Value.image(value));
    bytes += PageKey.BYTES + Long.BYTES + value.length;
    if (bytes >= FreezePolicy.DEFAULTS.everyBytes()) {
      writer.freeze(offset);
      bytes = 0;
    }
  }

  @Override
  public void flush() throws IOException, InterruptedException {
    writer.freeze(offset);
    writer.awaitFlushed();
  }

  @Override
  public void reopen() {
    // It never was closed.
  }

  @Override
  public byte @Nullable [] get(PageKey key, Lsn asOf) throws IOException {
    @Nullable Version version = store.get(TIMELINE, key, asOf).base();
    return version == null ? null : version.value().bytes();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
