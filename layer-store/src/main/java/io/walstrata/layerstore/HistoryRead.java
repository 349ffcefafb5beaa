package io.walstrata.layerstore;

import io.walstrata.layerstore.format.CostCounter;
import io.walstrata.layerstore.layer.Layer;
import io.walstrata.layerstore.layer.LayerGoneException;
import io.walstrata.layerstore.layer.LayerMap;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A read of one page's versions and drops over an LSN range, newest first. For one thread, once.
 */
final class HistoryRead {
  /*
   * Layers are asked from newest to oldest, and each gives its versions and tombstones from newest
   * to oldest. Neighbours may share an LSN, and a version and a tombstone may have the same: so an
   * entry is handed over when something older has come.
   */
  private final Supplier<TimelineState> current;
  private final PageKey key;
  private final long limit;
  private final ReadVisitor<? super HistoryEntry> visitor;
  private final CostCounter cost = new CostCounter();
  private final Lsn startLsn;
  private Lsn endLsn; // of what is not handed over yet, exclusive
  private @Nullable HistoryEntry pending;
  private long handedOver;
  private boolean isStopped;

  HistoryRead(
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

  ReadEnd<Lsn> run() throws IOException {
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
        return new ReadEnd<>(handedOver, next, cost.cost());
      } catch (LayerGoneException e) {
        // Goes on below the last entry.
      }
    }
  }

  private static Lsn before(Lsn lsn) {
    return lsn.equals(Lsn.INVALID) ? lsn : Lsn.of(lsn.value() - 1);
  }

  private void readRest(LayerMap layers) throws IOException {
    LsnRange rest = new LsnRange(startLsn, endLsn);
    int number = layers.newestAt(before(endLsn));
    while (number >= 0 && layers.get(number).lsnRange().endLsn().isAfter(startLsn) && !isStopped) {
      Layer layer = layers.get(number--);
      if (layer.covers(key)) {
        cost.layerAsked();
        layer.acquire();
        try {
          ask(layer, rest);
        } finally {
          layer.release();
        }
      } else {
        cost.layerSkipped();
      }
    }
    if (!isStopped) {
      handOver();
      isStopped = false; // by its own end only
    }
  }

  private void ask(Layer layer, LsnRange lsns) throws IOException {
    NavigableSet<Lsn> drops = new TreeSet<>();
    if (layer.tombstones() > 0) {
      layer.addTombstones(key, lsns, drops, cost);
    }
    layer.descend(
        key,
        before(lsns.endLsn()),
        before(lsns.startLsn()),
        (ofKey, lsn, value) -> addDropsAbove(lsn, drops) && add(lsn, value, drops.remove(lsn)),
        cost);
    addDropsAbove(Lsn.INVALID, drops);
  }

  private boolean addDropsAbove(Lsn lsn, NavigableSet<Lsn> drops) throws IOException {
    while (!isStopped && !drops.isEmpty() && drops.last().isAfter(lsn)) {
      add(drops.pollLast(), null, /* isDropped= */ true);
    }
    return !isStopped;
  }

  /** Takes the next older thing, or one of the same LSN; returns whether there should be more. */
  private boolean add(Lsn lsn, @Nullable Value value, boolean isDropped) throws IOException {
    HistoryEntry same = pending;
    if (same != null && same.lsn().equals(lsn)) {
      pending =
          new HistoryEntry(
              lsn, value == null ? same.value() : value, isDropped || same.isDropped());
      return true;
    }
    handOver();
    pending = isStopped ? null : new HistoryEntry(lsn, value, isDropped);
    return !isStopped;
  }

  private void handOver() throws IOException {
    HistoryEntry entry = pending;
    if (entry != null) {
      pending = null;
      endLsn = entry.lsn();
      handedOver++;
      isStopped = !visitor.visit(entry) || handedOver == limit;
    }
  }
}
