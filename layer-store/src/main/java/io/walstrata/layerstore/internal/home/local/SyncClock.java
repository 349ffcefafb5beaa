package io.walstrata.layerstore.internal.home.local;

import io.walstrata.layerstore.internal.IoRunnable;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** Measures the total time of a home's syncs. For any thread. */
final class SyncClock {
  private final AtomicLong nanos = new AtomicLong();

  /** Runs a sync and adds the time that it takes, even if it fails. */
  void time(IoRunnable sync) throws IOException {
    long start = System.nanoTime();
    try {
      sync.run();
    } finally {
      nanos.addAndGet(System.nanoTime() - start);
    }
  }

  /** Returns the total time of all syncs, in nanoseconds. */
  long nanos() {
    return nanos.get();
  }
}
