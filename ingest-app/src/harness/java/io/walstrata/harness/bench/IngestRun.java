package io.walstrata.harness.bench;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.PutCounters;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.ValueBatch;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;

/** Runs a cell once, in a directory of its own, and measures it. */
final class IngestRun {
  /*
   * Timed are the puts, freeze and flush, and the end: closing the store, which releases the index
   * and unlinks the ephemeral file, and deleting the layer file. Not timed are opening the store and
   * claiming its home, because a store lives for many layers, and reading some versions back.
   */
  private static final int CHECKS = 100;

  private final IngestCell cell;
  private final IngestWorkload workload;
  private final Path directory;
  private volatile int newest = -1;

  IngestRun(IngestCell cell, int volumeMib, Path directory) {
    this.cell = cell;
    this.directory = directory;
    workload = new IngestWorkload(cell.layout(), cell.valueBytes(), volumeMib);
  }

  /**
   * Deletes its files at the end.
   *
   * @throws IOException if a file cannot be written, or the store lacks what was put
   */
  IngestSample run() throws IOException, InterruptedException {
    try {
      return measure();
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private IngestSample measure() throws IOException, InterruptedException {
    Path home = directory.resolve("layers");
    double cpuBefore;
    double gcBefore;
    double readsPerSecond;
    Clock clock;
    try (LayerStore store =
        LayerStore.open(
            LayerHomes.partition(home), directory.resolve("state"), LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      RangeReader reader = new RangeReader(store, workload, () -> newest);
      cpuBefore = Machine.cpuSeconds();
      gcBefore = Machine.gcSeconds();
      clock = new Clock();
      if (cell.reader()) {
        reader.start();
      }
      long lastOffset = putAll(writer);
      clock.endPut();
      readsPerSecond = reader.rounds() / clock.putSeconds();
      if (cell.delta()) {
        writer.freeze(lastOffset);
        writer.awaitFlushed();
      }
      reader.stop();
      clock.endFlush();
      check(store, writer);
      clock.beginDrop();
    }
    if (cell.delta()) {
      FileUtils.deleteDirectory(home.resolve(IngestWorkload.TIMELINE.toString()).toFile());
    }
    clock.endDrop();
    return new IngestSample(
        clock.putSeconds(),
        clock.flushSeconds(),
        clock.dropSeconds(),
        Machine.gcSeconds() - gcBefore,
        Machine.cpuSeconds() - cpuBefore,
        readsPerSecond);
  }

  private long putAll(LayerWriter writer) throws IOException {
    ValueBatch batch = new ValueBatch();
    long offset = -1;
    int number = 0;
    while (number < workload.versions()) {
      number += workload.fill(batch, number);
      offset++;
      writer.putAll(offset, batch);
      newest = number - 1;
    }
    return offset;
  }

  private void check(LayerStore store, LayerWriter writer) throws IOException {
    PutCounters counters = writer.counters();
    if (!counters.equals(new PutCounters(workload.versions(), 0, 0))) {
      throw new IOException("versions were not added: " + counters);
    }
    for (int i = 0; i < CHECKS; i++) {
      workload.check(store, (int) ((long) i * (workload.versions() - 1) / (CHECKS - 1)));
    }
  }
}
