package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.layer.Layer;
import io.walstrata.layerstore.internal.layer.LayerGoneException;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads one page from a timeline's layers, or whether a version or tombstone is there.
 *
 * <p>Layers change during a read. It uses the layers as they were when it began; if one is gone
 * when it is needed, the read begins again, after what it has returned, on the current layers: an
 * owner releases a layer only after it has published the layer's successor.
 */
public final class Reads {
  private Reads() {}

  /**
   * Returns the reconstruct data of a page.
   *
   * @param current returns the current timeline, at each attempt; throws if the store is closed
   * @param asOf null for the last LSN
   * @param limit asked before bytes are loaded
   */
  public static ReconstructData get(
      Supplier<TimelineState> current, PageKey key, @Nullable Lsn asOf, ReadLimit limit)
      throws IOException {
    return get(current, key, asOf, KnownPages.NONE, new CostCounter(limit));
  }

  /**
   * Returns the reconstruct data of a page, from a page on that redo made before, if one is known.
   */
  static ReconstructData get(
      Supplier<TimelineState> current,
      PageKey key,
      @Nullable Lsn asOf,
      KnownPages known,
      CostCounter cost)
      throws IOException {
    while (true) {
      TimelineState timeline = current.get();
      Lsn lastLsn = timeline.lastLsn();
      Lsn lsn = asOf == null ? lastLsn : asOf;
      checkReached(timeline, lsn, lastLsn);
      LayerMap layers = timeline.layers();
      ReconstructState state = new ReconstructState(key, lsn, known.find(timeline, key, lsn), cost);
      try {
        collect(layers, state);
        return result(timeline.id(), layers.firstLsn(), lastLsn, state, cost.cost());
      } catch (LayerGoneException e) {
        cost.dropAll(); // begins again
      } finally {
        cost.dropBlock();
      }
    }
  }

  /** Throws if an LSN is above the timeline's last one. Layers must be read after this. */
  static void checkReached(TimelineState timeline, Lsn asOf) {
    checkReached(timeline, asOf, timeline.lastLsn());
  }

  private static void checkReached(TimelineState timeline, Lsn asOf, Lsn lastLsn) {
    if (asOf.isAfter(lastLsn)) {
      throw new LsnNotReachedException(timeline.id(), asOf, lastLsn);
    }
  }

  /** Asks the layers from newest to oldest. */
  private static void collect(LayerMap layers, ReconstructState state) throws IOException {
    for (int number = layers.newestAt(state.asOf()); number >= 0; number--) {
      Layer layer = layers.get(number);
      if (state.isOver(layer)) {
        return;
      }
      if (layer.covers(state.key())) {
        if (!state.hasBase()) {
          state.cost().layerAsked();
        }
        layer.acquire();
        try {
          state.ask(layer);
        } finally {
          layer.release();
        }
      } else {
        state.cost().layerSkipped();
      }
    }
  }

  static ReconstructData result(TimelineState timeline, ReconstructState state, ReadCost cost) {
    return result(timeline.id(), timeline.layers().firstLsn(), timeline.lastLsn(), state, cost);
  }

  private static ReconstructData result(
      TimelineId timeline, Lsn firstLsn, Lsn lastLsn, ReconstructState state, ReadCost cost) {
    return new ReconstructData(
        timeline,
        state.key(),
        state.asOf(),
        firstLsn,
        lastLsn,
        status(state),
        state.image(),
        state.records(),
        state.hasBase() || !state.isDropped() ? null : state.droppedAt(),
        LayerViews.visited(state.asked()),
        cost);
  }

  static ReconstructData.Status status(ReconstructState state) {
    if (state.isComplete()) {
      return ReconstructData.Status.COMPLETE;
    }
    if (state.hasVersions()) {
      return ReconstructData.Status.INCOMPLETE;
    }
    return state.isDropped()
        ? ReconstructData.Status.DROPPED
        : ReconstructData.Status.BEFORE_HISTORY;
  }

  /** Returns whether a layer other than the open one has this version. */
  public static boolean closedHas(TimelineState timeline, PageKey key, Lsn lsn, Runnable checkOpen)
      throws IOException {
    return closedHas(
        timeline, lsn, layer -> layer.covers(key) && layer.contains(key, lsn), checkOpen);
  }

  /** Returns whether a layer other than the open one has this tombstone. */
  public static boolean closedHas(TimelineState timeline, Tombstone tombstone, Runnable checkOpen)
      throws IOException {
    return closedHas(
        timeline,
        tombstone.lsn(),
        layer -> layer.tombstones() > 0 && layer.contains(tombstone),
        checkOpen);
  }

  private interface Question {
    boolean ask(Layer layer) throws IOException;
  }

  private static boolean closedHas(
      TimelineState timeline, Lsn lsn, Question question, Runnable checkOpen) throws IOException {
    while (true) {
      checkOpen.run();
      try {
        return anyClosed(timeline.layers(), lsn, question);
      } catch (LayerGoneException e) {
        // Begins again.
      }
    }
  }

  private static boolean anyClosed(LayerMap layers, Lsn lsn, Question question) throws IOException {
    for (int number = layers.newestAt(lsn); number >= 0; number--) {
      Layer layer = layers.get(number);
      if (!layer.lsnRange().contains(lsn)) {
        return false;
      }
      if (layer != layers.open()) {
        layer.acquire();
        try {
          if (question.ask(layer)) {
            return true;
          }
        } finally {
          layer.release();
        }
      }
    }
    return false;
  }
}
