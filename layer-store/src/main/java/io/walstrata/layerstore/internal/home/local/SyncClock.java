package io.walstrata.layerstore.internal.home.local;

import io.walstrata.layerstore.internal.file.LocalFiles;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** How long a home's syncs have taken, together. For any thread. */
final class SyncClock {
  private final AtomicLong nanos = new AtomicLong();

  /** Does something that syncs, and adds the time it takes, also if it fails. */
  void time(LocalFiles.Work sync) throws IOException {
    long start = System.nanoTime();
    try {
      sync.run();
    } finally {
      nanos.addAndGet(System.nanoTime() - start);
    }
  }

  /** Returns the time of all of them together, in nanoseconds. */
  long nanos() {
    return nanos.get();
  }
}
