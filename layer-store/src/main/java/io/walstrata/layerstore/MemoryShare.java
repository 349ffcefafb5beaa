package io.walstrata.layerstore;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What one store takes of a {@link MemoryBudget}. For any thread. */
final class MemoryShare {
  private final MemoryBudget budget;
  private long open; // all guarded by this
  private long frozen;
  private long kept;
  private boolean closed;
  private volatile @Nullable BooleanSupplier earlyFreeze;

  MemoryShare(MemoryBudget budget) {
    this.budget = budget;
  }

  /** Sets how open layers can be frozen between records, by any thread; see {@link LayerWriter}. */
  void onPressure(BooleanSupplier freeze) {
    earlyFreeze = freeze;
  }

  /** Freezes the open layers, if that can be done now. */
  boolean freezeEarly() {
    BooleanSupplier freeze = earlyFreeze;
    return freeze != null && freeze.getAsBoolean();
  }

  synchronized long openBytes() {
    return open;
  }

  synchronized long frozenBytes() {
    return frozen;
  }

  synchronized long keptBytes() {
    return kept;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Takes this much more for as long as the store is open. */
  synchronized void keep(long bytes) {
    if (!closed) {
      budget.keep(bytes);
      kept += bytes;
    }
  }

  /** Sets what the open layers take from now on. */
  synchronized void setOpen(long bytes) {
    if (!closed) {
      budget.add(bytes - open, 0);
      open = bytes;
    }
  }

  /** The open layers are frozen, and take this much. */
  synchronized void freeze(long bytes) {
    if (!closed) {
      budget.add(-open, bytes);
      open = 0;
      frozen += bytes;
    }
  }

  /** Frozen layers that took this much are written out. */
  synchronized void flushed(long bytes) {
    if (!closed) {
      budget.add(0, -bytes);
      frozen -= bytes;
    }
  }

  /** Takes nothing any more; what comes later has no effect. */
  synchronized void close() {
    if (!closed) {
      closed = true;
      budget.leave(this);
      budget.add(-open, -frozen);
      budget.keep(-kept);
      open = 0;
      frozen = 0;
      kept = 0;
    }
  }
}
