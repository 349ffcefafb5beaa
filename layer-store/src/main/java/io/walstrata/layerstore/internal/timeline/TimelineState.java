package io.walstrata.layerstore.internal.timeline;

import io.walstrata.layerstore.internal.layer.DeltaLayer;
import io.walstrata.layerstore.internal.layer.InMemoryLayer;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds one timeline of a store. Readers call {@link #lastLsn()} first and {@link #layers()} after
 * it: those layers then have all versions up to that LSN. The writer and the flusher change the
 * layers, the writer alone the LSN.
 */
public final class TimelineState {
  private final TimelineId id;
  private volatile LayerMap layers; // replaced under this
  private final AtomicLong lastLsn; // unsigned
  private volatile Lsn durableLsn;

  /**
   * @param lastLsn the timeline's last LSN in the manifest; {@link Lsn#INVALID} for a new one
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

  /** Sets the last LSN that the manifest has. */
  public void durable(Lsn lsn) {
    durableLsn = lsn;
  }

  public LayerMap layers() {
    return layers;
  }

  /** Raises the last LSN; a lower one does nothing. */
  public void progress(Lsn lsn) {
    if (isNew(lsn.value())) {
      // A volatile write would wait until all earlier writes are in the caches.
      lastLsn.setRelease(lsn.value());
    }
  }

  public synchronized void open(InMemoryLayer layer) {
    layers = layers.withOpen(layer);
  }

  /** Moves the open layer, which was frozen, to the frozen ones. */
  public synchronized void frozen() {
    layers = layers.withFrozen();
  }

  public synchronized void flushed(InMemoryLayer layer, DeltaLayer file) {
    layers = layers.withDelta(layer, file);
  }

  /**
   * Checks that the layers are in order and do not exceed the timeline's last LSN. For tests, while
   * nothing is put.
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
          "an LSN is greater than the timeline's last: timeline="
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
