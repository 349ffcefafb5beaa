package io.walstrata.layerstore.internal.timeline;

import io.walstrata.layerstore.internal.layer.DeltaLayer;
import io.walstrata.layerstore.internal.layer.InMemoryLayer;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One timeline of a store. Readers take {@link #lastLsn()} first and {@link #layers()} after it:
 * all versions up to the one are then in the other. The writer and the flusher change the layers,
 * the writer alone the LSN.
 */
public final class TimelineState {
  private final TimelineId id;
  private volatile LayerMap layers; // replaced under this
  private final AtomicLong lastLsn; // unsigned
  private volatile Lsn durableLsn;

  /**
   * @param lastLsn how far the timeline is, durably; {@link Lsn#INVALID} for a new one
   */
  public TimelineState(TimelineId id, Lsn lastLsn, LayerMap layers) {
    this.id = id;
    this.lastLsn = new AtomicLong(lastLsn.value());
    this.layers = layers;
    durableLsn = lastLsn;
  }

  public TimelineId id() {
    return id;
  }

  public Lsn lastLsn() {
    return Lsn.of(lastLsn.getAcquire());
  }

  /** Returns whether an LSN is above the last one. */
  public boolean isNew(long lsn) {
    return Long.compareUnsigned(lsn, lastLsn.getAcquire()) > 0;
  }

  /** Returns the last LSN as the manifest has it; {@link Lsn#INVALID} if it has none. */
  public Lsn durableLsn() {
    return durableLsn;
  }

  /** The manifest has this last LSN. */
  public void durable(Lsn lsn) {
    durableLsn = lsn;
  }

  public LayerMap layers() {
    return layers;
  }

  /** Raises the last LSN; a lower one does nothing. */
  public void progress(Lsn lsn) {
    if (isNew(lsn.value())) {
      // A volatile write would wait until all that was put before has reached the caches.
      lastLsn.setRelease(lsn.value());
    }
  }

  public synchronized void open(InMemoryLayer layer) {
    layers = layers.withOpen(layer);
  }

  /** The open layer was frozen. */
  public synchronized void frozen() {
    layers = layers.withFrozen();
  }

  public synchronized void flushed(InMemoryLayer layer, DeltaLayer file) {
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
