package io.walstrata.layerstore;

import io.walstrata.layerstore.layer.DeltaLayer;
import io.walstrata.layerstore.layer.InMemoryLayer;
import io.walstrata.layerstore.layer.LayerMap;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One timeline of a store. Readers take {@link #lastLsn()} first and {@link #layers()} after it:
 * all versions up to the one are then in the other. The writer and the flusher change the layers,
 * the writer alone the LSN.
 */
final class TimelineState {
  private final TimelineId id;
  private volatile LayerMap layers; // replaced under this
  private final AtomicLong lastLsn; // unsigned
  private volatile Lsn durableLsn;

  /**
   * @param lastLsn how far the timeline is, durably; {@link Lsn#INVALID} for a new one
   */
  TimelineState(TimelineId id, Lsn lastLsn, LayerMap layers) {
    this.id = id;
    this.lastLsn = new AtomicLong(lastLsn.value());
    this.layers = layers;
    durableLsn = lastLsn;
  }

  TimelineId id() {
    return id;
  }

  Lsn lastLsn() {
    return Lsn.of(lastLsn.getAcquire());
  }

  /** Returns whether an LSN is above the last one. */
  boolean isNew(long lsn) {
    return Long.compareUnsigned(lsn, lastLsn.getAcquire()) > 0;
  }

  /** Returns the last LSN as the manifest has it; {@link Lsn#INVALID} if it has none. */
  Lsn durableLsn() {
    return durableLsn;
  }

  /** The manifest has this last LSN. */
  void durable(Lsn lsn) {
    durableLsn = lsn;
  }

  LayerMap layers() {
    return layers;
  }

  /** Raises the last LSN; a lower one does nothing. */
  void progress(Lsn lsn) {
    if (isNew(lsn.value())) {
      // A volatile write would wait until all that was put before has reached the caches.
      lastLsn.setRelease(lsn.value());
    }
  }

  synchronized void open(InMemoryLayer layer) {
    layers = layers.withOpen(layer);
  }

  /** The open layer was frozen. */
  synchronized void frozen() {
    layers = layers.withFrozen();
  }

  synchronized void flushed(InMemoryLayer layer, DeltaLayer file) {
    layers = layers.withDelta(layer, file);
  }

  /**
   * Checks that the layers are in order and end where the timeline does. For tests, while nothing
   * is put.
   *
   * @throws AssertionError if something is wrong
   */
  void checkInvariants() {
    LayerMap now = layers;
    now.checkInvariants();
    Lsn last = lastLsn();
    InMemoryLayer open = now.open();
    Lsn newest = open == null ? now.lastClosedLsn() : open.maxLsn();
    if (newest.isAfter(last) || durableLsn.isAfter(last)) {
      throw new AssertionError(
          "beyond the last LSN: timeline="
              + id
              + ", lastLsn="
              + last
              + ", newest="
              + newest
              + ", durableLsn="
              + durableLsn);
    }
  }
}
