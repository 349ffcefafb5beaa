package io.walstrata.layerstore;

import io.walstrata.layerstore.internal.write.MemoryShare;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The heap that one store's layers take, as its {@link MemoryBudget} counts it. */
final class BudgetShare implements MemoryShare {
  private final MemoryBudget budget;
  private long open; // all guarded by this
  private long frozen;
  private long kept;
  private boolean closed;
  private volatile @Nullable BooleanSupplier earlyFreeze;

  BudgetShare(MemoryBudget budget) {
    this.budget = budget;
  }

  @Override
  public void onPressure(BooleanSupplier freeze) {
    earlyFreeze = freeze;
  }

  @Override
  public boolean freezeEarly() {
    BooleanSupplier freeze = earlyFreeze;
    return freeze != null && freeze.getAsBoolean();
  }

  @Override
  public synchronized long openBytes() {
    return open;
  }

  @Override
  public synchronized long frozenBytes() {
    return frozen;
  }

  @Override
  public synchronized long keptBytes() {
    return kept;
  }

  @Override
  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void keep(long bytes) {
    if (!closed) {
      budget.keep(bytes);
      kept += bytes;
    }
  }

  @Override
  public synchronized void setOpen(long bytes) {
    if (!closed) {
      budget.add(bytes - open, 0);
      open = bytes;
    }
  }

  @Override
  public synchronized void freeze(long bytes) {
    if (!closed) {
      budget.add(-open, bytes);
      open = 0;
      frozen += bytes;
    }
  }

  @Override
  public synchronized void flushed(long bytes) {
    if (!closed) {
      budget.add(0, -bytes);
      frozen -= bytes;
    }
  }

  @Override
  public synchronized void close() {
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
