package io.walstrata.layerstore;

import io.walstrata.layerstore.page.FreezeReason;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a store's writer and flusher do. For any thread. */
final class WriteTally {
  private final Map<FreezeReason, AtomicLong> freezes = new EnumMap<>(FreezeReason.class);
  private final AtomicLong flushes = new AtomicLong();
  private final AtomicLong flushNanos = new AtomicLong();
  private final AtomicLong lastFlushNanos = new AtomicLong();
  private final AtomicLong heldNanos = new AtomicLong();
  private final AtomicLong openValueBytes = new AtomicLong();

  WriteTally() {
    for (FreezeReason reason : FreezeReason.values()) {
      freezes.put(reason, new AtomicLong());
    }
  }

  void froze(FreezeReason reason) {
    freezes.computeIfAbsent(reason, r -> new AtomicLong()).incrementAndGet();
  }

  void flushed(long nanos) {
    flushes.incrementAndGet();
    flushNanos.addAndGet(nanos);
    lastFlushNanos.set(nanos);
  }

  void held(long nanos) {
    heldNanos.addAndGet(nanos);
  }

  /** For the writer. */
  void setOpenValueBytes(long bytes) {
    openValueBytes.lazySet(bytes);
  }

  long openValueBytes() {
    return openValueBytes.get();
  }

  WriteStats stats(MemoryShare memory, Flusher.Backlog backlog, long syncNanos) {
    Map<FreezeReason, Long> byReason = new EnumMap<>(FreezeReason.class);
    freezes.forEach((reason, count) -> byReason.put(reason, count.get()));
    return new WriteStats(
        memory.openBytes(),
        openValueBytes.get(),
        memory.frozenBytes(),
        backlog.valueBytes(),
        backlog.layers(),
        Collections.unmodifiableMap(byReason),
        flushes.get(),
        flushNanos.get(),
        lastFlushNanos.get(),
        syncNanos,
        heldNanos.get());
  }
}
