package io.walstrata.layerstore.internal.write;

import java.util.function.BooleanSupplier;

/** Counts the heap that one store's layers take in a budget of many stores. For any thread. */
public interface MemoryShare {
  /** Sets what freezes the open layers between records; it may be called by any thread. */
  void onPressure(BooleanSupplier freeze);

  /** Freezes the open layers if that is possible now; returns whether it has. */
  boolean freezeEarly();

  /** Returns the heap that open layers take. */
  long openBytes();

  /** Returns the heap that frozen layers take. */
  long frozenBytes();

  /** Returns the heap that is taken for as long as the store is open. */
  long keptBytes();

  /** Returns whether the share has ended. */
  boolean isClosed();

  /** Adds bytes that are taken for as long as the store is open. */
  void keep(long bytes);

  /** Sets what the open layers take. */
  void setOpen(long bytes);

  /** Moves the open layers to the frozen ones, which take {@code bytes}. */
  void freeze(long bytes);

  /** Subtracts frozen layers, which took {@code bytes} and are written to files. */
  void flushed(long bytes);

  /** Ends the share: it takes nothing, and later calls have no effect. */
  void close();
}
