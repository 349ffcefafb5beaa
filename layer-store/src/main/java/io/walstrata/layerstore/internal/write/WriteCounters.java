package io.walstrata.layerstore.internal.write;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.WriteStats;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Counts what a store's writer and flusher do. For any thread. */
public final class WriteCounters {
  private final LongSupplier nanoTime;
  private final Map<FreezeReason, AtomicLong> freezes = new EnumMap<>(FreezeReason.class);
  private final AtomicLong flushes = new AtomicLong();
  private final AtomicLong flushNanos = new AtomicLong();
  private final AtomicLong lastFlushNanos = new AtomicLong();
  private long heldNanos; // of holds that have ended; guarded by this
  private boolean isHeld; // guarded by this
  private long heldSince; // while isHeld; guarded by this
  private final AtomicLong openValueBytes = new AtomicLong();

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public WriteCounters(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
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

  /** Starts counting the time for which the writer is held; further calls have no effect. */
  public synchronized void holdBegins() {
    if (!isHeld) {
      isHeld = true;
      heldSince = nanoTime.getAsLong();
    }
  }

  /**
   * Stops counting the time for which the writer is held, if it was.
   *
   * @param leastNanos lower bound of how long it was held, if known
   */
  public synchronized void holdEnds(long leastNanos) {
    long counted = isHeld ? nanoTime.getAsLong() - heldSince : 0;
    isHeld = false;
    heldNanos += Math.max(counted, leastNanos);
  }

  private synchronized long heldNanos() {
    return isHeld ? heldNanos + nanoTime.getAsLong() - heldSince : heldNanos;
  }

  /** Sets the bytes of values in open layers. For the writer. */
  void setOpenValueBytes(long bytes) {
    openValueBytes.lazySet(bytes);
  }

  public long openValueBytes() {
    return openValueBytes.get();
  }

  public WriteStats stats(MemoryShare memory, Flusher.Backlog backlog, long syncNanos) {
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
        heldNanos());
  }
}
