package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.HistoryEntry;
import io.walstrata.layerstore.ReadEnd;
import io.walstrata.layerstore.ReadVisitor;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.layer.Layer;
import io.walstrata.layerstore.internal.layer.LayerGoneException;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads one page's versions and tombstones over an LSN range, newest first. For one thread, once.
 */
public final class HistoryRead {
  /*
   * Layers are asked from newest to oldest, and each gives its versions and tombstones from newest
   * to oldest, one at a time. A version and a tombstone may have the same LSN, and neighbours may
   * share their boundary LSN: an entry at its layer's first LSN waits for the older layers that
   * include that LSN, and all others are returned at once.
   */
  private final Supplier<TimelineState> current;
  private final PageKey key;
  private final long limit;
  private final ReadVisitor<? super HistoryEntry> visitor;
  private final CostCounter cost = new CostCounter();
  private final Lsn startLsn;
  private Lsn endLsn; // of what is not returned yet, exclusive
  private @Nullable HistoryEntry pending;
  private long returned;
  private boolean isStopped;

  public HistoryRead(
      Supplier<TimelineState> current,
      PageKey key,
      LsnRange lsns,
      long limit,
      ReadVisitor<? super HistoryEntry> visitor) {
    this.current = current;
    this.key = key;
    this.limit = limit;
    this.visitor = visitor;
    startLsn = lsns.startLsn();
    endLsn = lsns.endLsn();
  }

  public ReadEnd<Lsn> run() throws IOException {
    while (true) {
      TimelineState timeline = current.get();
      if (endLsn.equals(Lsn.MAX)) {
        endLsn = timeline.lastLsn().next();
      } else {
        Reads.checkReached(timeline, before(endLsn));
      }
      try {
        pending = null;
        if (startLsn.isBefore(endLsn)) {
          readRest(timeline.layers());
        }
        Optional<Lsn> next =
            isStopped && startLsn.isBefore(endLsn) ? Optional.of(endLsn) : Optional.empty();
        return new ReadEnd<>(returned, next, cost.cost());
      } catch (LayerGoneException e) {
        // Continues below the last entry.
      }
    }
  }

  private static Lsn before(Lsn lsn) {
    return lsn.equals(Lsn.INVALID) ? lsn : Lsn.of(lsn.value() - 1);
  }

  private void readRest(LayerMap layers) throws IOException {
    LsnRange rest = new LsnRange(startLsn, endLsn);
    for (int number = layers.newestAt(before(endLsn)); number >= 0; number--) {
      Layer layer = layers.get(number);
      Lsn layerEnd = layer.lsnRange().endLsn();
      if (pending != null && !pending.lsn().isBefore(layerEnd)) {
        returnPending();
      }
      if (isStopped) {
        return;
      }
      if (!layerEnd.isAfter(startLsn)) {
        break;
      }
      read(layer, rest);
    }
    if (!isStopped) {
      returnPending();
      isStopped = false; // nothing is left to read
    }
  }

  private void read(Layer layer, LsnRange lsns) throws IOException {
    if (layer.covers(key)) {
      cost.layerAsked();
      layer.acquire();
      try {
        new InLayer(layer, lsns).read();
      } finally {
        layer.release();
      }
    } else {
      cost.layerSkipped();
    }
  }

  /** Reads one layer's versions and tombstones, newest first. */
  private final class InLayer {
    private final Layer layer;
    private final Lsn layerStart;
    private final LsnRange lsns;
    private Lsn tombstone; // the next one; INVALID for none

    InLayer(Layer layer, LsnRange lsns) throws IOException {
      this.layer = layer;
      this.layerStart = layer.lsnRange().startLsn();
      this.lsns = lsns;
      tombstone = tombstoneBelow(lsns.endLsn());
    }

    private Lsn tombstoneBelow(Lsn end) throws IOException {
      if (layer.tombstones() == 0) {
        return Lsn.INVALID;
      }
      Lsn found = layer.newestTombstone(key, before(end), cost);
      return lsns.contains(found) ? found : Lsn.INVALID;
    }

    void read() throws IOException {
      layer.descend(key, before(lsns.endLsn()), before(lsns.startLsn()), this::addVersion, cost);
      addDropsAbove(Lsn.INVALID);
    }

    private boolean addVersion(PageKey ofKey, Lsn lsn, Value value) throws IOException {
      if (addDropsAbove(lsn)) {
        boolean isDropped = tombstone.equals(lsn);
        if (isDropped) {
          tombstone = tombstoneBelow(lsn);
        }
        add(lsn, value, isDropped);
      }
      return !isStopped;
    }

    private boolean addDropsAbove(Lsn lsn) throws IOException {
      while (!isStopped && tombstone.isAfter(lsn)) {
        Lsn next = tombstone;
        tombstone = tombstoneBelow(next);
        add(next, null, /* isDropped= */ true);
      }
      return !isStopped;
    }

    /** Adds the next older version or tombstone, or one of the same LSN. */
    private void add(Lsn lsn, @Nullable Value value, boolean isDropped) throws IOException {
      HistoryEntry same = pending;
      if (same != null && same.lsn().equals(lsn)) {
        Value either = value == null ? same.value() : value;
        pending = new HistoryEntry(lsn, either, isDropped || same.isDropped());
      } else {
        returnPending();
        pending = isStopped ? null : new HistoryEntry(lsn, value, isDropped);
      }
      if (lsn.isAfter(layerStart)) {
        returnPending(); // no older layer has this LSN
      }
    }
  }

  private void returnPending() throws IOException {
    HistoryEntry entry = pending;
    if (entry != null) {
      pending = null;
      endLsn = entry.lsn();
      returned++;
      isStopped = !visitor.visit(entry) || returned == limit;
    }
  }
}
