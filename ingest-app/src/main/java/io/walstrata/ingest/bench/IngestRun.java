package io.walstrata.ingest.bench;

import io.walstrata.layerstore.BatchResult;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.ValueBatch;
import io.walstrata.layerstore.io.LocalLayerHome;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** Runs a cell once, in a directory of its own, and measures it. */
final class IngestRun {
  /*
   * Timed are the puts, freeze and flush, and the end: closing the store, which lets go of the index
   * and unlinks the ephemeral file, and deleting the layer file. Opening the store and claiming its
   * home are not: a store lives for many layers.
   */
  private final IngestCell cell;
  private final IngestWorkload workload;
  private final Path directory;
  private volatile int newest = -1;

  IngestRun(IngestCell cell, int volumeMib, Path directory) {
    this.cell = cell;
    this.directory = directory;
    workload = new IngestWorkload(cell.layout(), cell.valueBytes(), volumeMib);
  }

  /** Leaves no file behind. */
  IngestSample run() throws IOException, InterruptedException {
    try {
      return measure();
    } finally {
      Directories.delete(directory);
    }
  }

  private IngestSample measure() throws IOException, InterruptedException {
    Path home = directory.resolve("layers");
    long begin;
    long put;
    long flushed;
    double gcBefore;
    double readsPerSecond;
    try (LayerStore store =
        LayerStore.open(
            new LocalLayerHome(home), directory.resolve("state"), LayerStoreOptions.DEFAULTS)) {
      store.claim();
      RangeReader reader = new RangeReader(store, workload, () -> newest);
      if (cell.reader()) {
        reader.start();
      }
      gcBefore = gcSeconds();
      begin = System.nanoTime();
      long lastOffset = putAll(store);
      put = System.nanoTime();
      readsPerSecond = reader.rounds() / seconds(begin, put);
      if (cell.delta()) {
        store.freeze(lastOffset);
        store.awaitFlushed();
      }
      flushed = System.nanoTime();
      reader.stop();
    }
    if (cell.delta()) {
      Directories.delete(home.resolve(IngestWorkload.TIMELINE.toString()));
    }
    long end = System.nanoTime();
    return new IngestSample(
        seconds(begin, end),
        seconds(begin, put),
        seconds(put, flushed),
        seconds(flushed, end),
        gcSeconds() - gcBefore,
        readsPerSecond);
  }

  private long putAll(LayerStore store) throws IOException {
    ValueBatch batch = new ValueBatch();
    long offset = -1;
    int number = 0;
    while (number < workload.versions()) {
      int count = workload.fill(batch, number);
      offset++;
      BatchResult result = store.put(offset, batch);
      if (result.added() != count) {
        throw new IOException("versions were not added: expected=" + count + ", got=" + result);
      }
      number += count;
      newest = number - 1;
    }
    return offset;
  }

  private static double seconds(long from, long to) {
    return (to - from) / 1e9;
  }

  private static double gcSeconds() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
            .mapToLong(GarbageCollectorMXBean::getCollectionTime)
            .sum()
        / 1e3;
  }
}
