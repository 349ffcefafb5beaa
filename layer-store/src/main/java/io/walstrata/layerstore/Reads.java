package io.walstrata.layerstore;

import io.walstrata.layerstore.layer.FrozenLayer;
import io.walstrata.layerstore.layer.Layer;
import io.walstrata.layerstore.layer.LayerDump;
import io.walstrata.layerstore.layer.LayerMap;
import io.walstrata.layerstore.layer.OpenLayer;
import io.walstrata.layerstore.layer.ReconstructState;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Reads across a timeline's layers.
 *
 * <p>Layers come and go while a read is on its way. It works on the layers as they were when it
 * began; one whose file is gone by the time it is needed makes the read begin again, on the layers
 * as they are then: whoever drops a file has shown its successor before.
 */
final class Reads {
  private Reads() {}

  /**
   * Returns what to redo for a page.
   *
   * @param current gives the timeline as it is at the moment, at each try; throws if the store is
   *     closed
   */
  static ReconstructData get(Supplier<TimelineState> current, PageKey key, Lsn asOf)
      throws IOException {
    while (true) {
      TimelineState timeline = current.get();
      Lsn lastLsn = timeline.lastLsn();
      if (asOf.isAfter(lastLsn)) {
        throw new LsnNotReachedException(timeline.id(), asOf, lastLsn);
      }
      List<LayerDesc> visited = new ArrayList<>();
      ReconstructState state = new ReconstructState();
      if (collect(timeline.layers(), key, asOf, state, visited)) {
        return result(timeline, key, asOf, state, visited);
      }
    }
  }

  /** Asks the layers from newest to oldest; returns false if one is gone. */
  private static boolean collect(
      LayerMap layers, PageKey key, Lsn asOf, ReconstructState state, List<LayerDesc> visited)
      throws IOException {
    if (asOf.equals(Lsn.INVALID)) {
      return true;
    }
    LsnRange lsns = new LsnRange(Lsn.INVALID, asOf.next());
    for (int number = layers.newestAt(asOf); number >= 0; number--) {
      Layer layer = layers.get(number);
      if (isOver(state, layer)) {
        return true;
      }
      if (layer.keyRange().contains(key)) {
        boolean asked = !state.hasBase();
        if (!layer.tryAcquire()) {
          return false;
        }
        try {
          layer.reconstruct(key, lsns, state);
        } finally {
          layer.release();
        }
        if (asked) {
          visited.add(describe(layer));
        }
      }
    }
    return true;
  }

  /**
   * Returns whether no older layer counts. Behind a base they do as long as they reach up to its
   * LSN: a tombstone of that LSN hides it.
   */
  private static boolean isOver(ReconstructState state, Layer layer) {
    return state.tombstone().isPresent()
        || (state.hasBase() && layer.lsnRange().endLsn().compareTo(state.baseLsn()) <= 0);
  }

  private static ReconstructData result(
      TimelineState timeline,
      PageKey key,
      Lsn asOf,
      ReconstructState state,
      List<LayerDesc> visited) {
    List<Version> versions = state.versions();
    ReconstructData.Status status =
        state.hasBase()
            ? ReconstructData.Status.COMPLETE
            : !versions.isEmpty()
                ? ReconstructData.Status.INCOMPLETE
                : state.tombstone().isPresent()
                    ? ReconstructData.Status.DROPPED
                    : ReconstructData.Status.ABSENT;
    Version image = null;
    if (state.hasBase() && isImage(versions.get(0))) {
      image = versions.get(0);
      versions = versions.subList(1, versions.size());
    }
    Lsn droppedAt = state.hasBase() ? null : state.tombstone().orElse(null);
    return new ReconstructData(
        timeline.id(),
        key,
        asOf,
        status,
        image,
        List.copyOf(versions),
        droppedAt,
        List.copyOf(visited));
  }

  private static boolean isImage(Version version) {
    return switch (version.value().kind()) {
      case IMAGE -> true;
      case WAL_RECORD, WAL_RECORD_WILL_INIT -> false;
    };
  }

  /** Returns whether a layer other than the open one has this version. */
  static boolean closedHas(TimelineState timeline, PageKey key, Lsn lsn, Runnable checkOpen)
      throws IOException {
    return closedHas(
        timeline,
        lsn,
        layer -> layer.keyRange().contains(key),
        layer -> layer.contains(key, lsn),
        checkOpen);
  }

  /** Returns whether a layer other than the open one has this tombstone. */
  static boolean closedHas(TimelineState timeline, Tombstone tombstone, Runnable checkOpen)
      throws IOException {
    return closedHas(
        timeline,
        tombstone.lsn(),
        layer -> layer.tombstones() > 0,
        layer -> layer.contains(tombstone),
        checkOpen);
  }

  private interface Question {
    boolean ask(Layer layer) throws IOException;
  }

  private static boolean closedHas(
      TimelineState timeline, Lsn lsn, Question worthwhile, Question question, Runnable checkOpen)
      throws IOException {
    while (true) {
      checkOpen.run();
      Optional<Boolean> answer = anyClosed(timeline.layers(), lsn, worthwhile, question);
      if (answer.isPresent()) {
        return answer.get();
      }
    }
  }

  private static Optional<Boolean> anyClosed(
      LayerMap layers, Lsn lsn, Question worthwhile, Question question) throws IOException {
    for (int number = layers.newestAt(lsn); number >= 0; number--) {
      Layer layer = layers.get(number);
      if (!layer.lsnRange().contains(lsn)) {
        return Optional.of(false);
      }
      if (!(layer instanceof OpenLayer) && worthwhile.ask(layer)) {
        if (!layer.tryAcquire()) {
          return Optional.empty();
        }
        try {
          if (question.ask(layer)) {
            return Optional.of(true);
          }
        } finally {
          layer.release();
        }
      }
    }
    return Optional.of(false);
  }

  /** Returns a timeline's layers, oldest first. */
  static List<LayerDesc> describe(LayerMap layers) {
    List<LayerDesc> descs = new ArrayList<>();
    for (int number = 0; number < layers.size(); number++) {
      descs.add(describe(layers.get(number)));
    }
    return descs;
  }

  static LayerDesc describe(Layer layer) {
    return new LayerDesc(
        layer.timeline(),
        layer instanceof OpenLayer
            ? LayerDesc.State.OPEN
            : layer instanceof FrozenLayer ? LayerDesc.State.FROZEN : LayerDesc.State.DELTA,
        layer.displayName(),
        layer.keyRange(),
        layer.lsnRange(),
        layer.startOffset(),
        layer.endOffset(),
        layer.versions(),
        layer.tombstones(),
        layer.sizeBytes());
  }

  static TimelineInfo info(TimelineState timeline) {
    Lsn lastLsn = timeline.lastLsn();
    LayerMap layers = timeline.layers();
    long versions = 0;
    long sizeBytes = 0;
    for (int number = 0; number < layers.size(); number++) {
      versions += layers.get(number).versions();
      sizeBytes += layers.get(number).sizeBytes();
    }
    Lsn durableLsn = Lsn.INVALID;
    if (layers.deltas() > 0) {
      LsnRange newest = layers.delta(layers.deltas() - 1).lsnRange();
      durableLsn = Lsn.of(newest.endLsn().value() - 1);
    }
    return new TimelineInfo(timeline.id(), lastLsn, durableLsn, layers.size(), versions, sizeBytes);
  }

  /** Hands over one line per layer, each followed by those of its tombstones and versions. */
  static void dump(
      Supplier<TimelineState> current, ValueDescriber describer, Consumer<String> lines)
      throws IOException {
    // Layers are taken one after the other, so that a file that is gone can be looked for under its
    // new name: by the log offset where it ends, which does not change with the layer's state.
    long done = -1;
    Optional<Layer> next = after(current.get().layers(), done);
    while (next.isPresent()) {
      Layer layer = next.get();
      if (layer.tryAcquire()) {
        try {
          LayerDump.dump(layer, describer, lines);
        } finally {
          layer.release();
        }
        done = layer.startOffset();
      }
      next = after(current.get().layers(), done);
    }
  }

  private static Optional<Layer> after(LayerMap layers, long startOffset) {
    for (int number = 0; number < layers.size(); number++) {
      if (layers.get(number).startOffset() > startOffset) {
        return Optional.of(layers.get(number));
      }
    }
    return Optional.empty();
  }
}
