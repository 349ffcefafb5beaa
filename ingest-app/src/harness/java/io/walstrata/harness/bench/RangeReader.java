package io.walstrata.harness.bench;

import io.walstrata.layerstore.DroppedPages;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads as fast as it can, in a thread of its own, while the workload is written: the newest
 * version of the key written last and of the 32 keys before it.
 */
final class RangeReader {
  private static final int KEYS_BEFORE = 32;

  private final LayerStore store;
  private final IngestWorkload workload;
  private final IntSupplier newest;
  private final Thread thread = new Thread(this::run, "benchmark-reader");
  private volatile boolean stopped;
  private volatile long rounds;
  private volatile @Nullable Throwable failure;
  private long valueBytes; // keeps the reads from being optimised away

  /**
   * @param newest gives the number of the version that was written last, below 0 for none
   */
  RangeReader(LayerStore store, IngestWorkload workload, IntSupplier newest) {
    this.store = store;
    this.workload = workload;
    this.newest = newest;
  }

  void start() {
    thread.start();
  }

  /** Returns how many ranges were read so far. */
  long rounds() {
    return rounds;
  }

  /** Ends the thread; fails if a read has failed. */
  void stop() throws IOException, InterruptedException {
    stopped = true;
    thread.join();
    Throwable problem = failure;
    if (problem != null || (rounds > 0 && valueBytes == 0)) {
      throw new IOException("concurrent reads failed: rounds=" + rounds, problem);
    }
  }

  private void run() {
    long count = 0;
    try {
      while (!stopped) {
        int number = newest.getAsInt();
        if (number < 0) {
          Thread.onSpinWait();
        } else {
          read(number);
          rounds = ++count;
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
  }

  private void read(int number) throws IOException {
    long last = Integer.toUnsignedLong(workload.block(number));
    long first = Math.max(0, last - KEYS_BEFORE);
    KeyRange keys =
        new KeyRange(IngestWorkload.key((int) first), IngestWorkload.key((int) last).next());
    store.scan(
        IngestWorkload.TIMELINE,
        keys,
        workload.lsn(number),
        DroppedPages.SKIP,
        Long.MAX_VALUE,
        this::count);
  }

  private boolean count(ReconstructData page) {
    @Nullable Version version = page.base();
    if (version != null) {
      valueBytes += version.value().bytes().length;
    }
    return true;
  }
}
