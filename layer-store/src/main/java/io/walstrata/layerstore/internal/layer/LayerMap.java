package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.page.Lsn;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds the layers of a timeline at one moment. Immutable: a change makes a new one. Layers are
 * ordered by LSN: none begins below the last LSN of an older one, and they share at most that one.
 */
public final class LayerMap {
  public static final LayerMap EMPTY = ofDeltas(List.of());

  /** Counts the layers that are read from maps, while a test has set it. */
  public static volatile @Nullable LongAdder visits;

  /*
   * A timeline may have ten thousand files and more, and gets another at each freeze point: adding
   * one does not copy the list of the others. Frozen layers are few, as the store bounds them.
   */
  private final AppendList<DeltaLayer> deltas; // oldest first
  private final List<InMemoryLayer> frozen; // oldest first
  private final @Nullable InMemoryLayer open;
  private final DeltaTotals totals; // of the deltas, so that reading totals visits none of them

  private LayerMap(
      AppendList<DeltaLayer> deltas,
      List<InMemoryLayer> frozen,
      @Nullable InMemoryLayer open,
      DeltaTotals totals) {
    this.deltas = deltas;
    this.frozen = frozen;
    this.open = open;
    this.totals = totals;
  }

  /** Sums over the delta layers. */
  private record DeltaTotals(long versions, long sizeBytes, long contentDigest) {
    DeltaTotals plus(DeltaLayer layer) {
      return new DeltaTotals(
          versions + layer.versions(),
          sizeBytes + layer.sizeBytes(),
          contentDigest + layer.entry().contentDigest());
    }
  }

  /** Returns a map of delta layers, oldest first. */
  public static LayerMap ofDeltas(List<DeltaLayer> deltas) {
    return ofDeltas(AppendList.of(deltas));
  }

  /** Returns a map of delta layers, oldest first; visits each once, for the totals. */
  static LayerMap ofDeltas(AppendList<DeltaLayer> deltas) {
    DeltaTotals totals = new DeltaTotals(0, 0, 0);
    for (int number = 0; number < deltas.size(); number++) {
      totals = totals.plus(deltas.get(number));
    }
    return new LayerMap(deltas, List.of(), null, totals);
  }

  /** Returns these layers and a new open one; there must be no open layer yet. */
  public LayerMap withOpen(InMemoryLayer layer) {
    if (open != null) {
      throw new IllegalStateException("there is an open layer: layer=" + open.displayName());
    }
    return new LayerMap(deltas, frozen, layer, totals);
  }

  /** Returns these layers with the open layer, which has been frozen, among the frozen ones. */
  public LayerMap withFrozen() {
    if (open == null || !open.isFrozen()) {
      throw new IllegalStateException(
          "no frozen layer: open=" + (open == null ? "none" : open.displayName()));
    }
    List<InMemoryLayer> more = Stream.concat(frozen.stream(), Stream.of(open)).toList();
    return new LayerMap(deltas, more, null, totals);
  }

  /**
   * Returns these layers with {@code layer}, which must be the oldest frozen one, replaced by its
   * file.
   */
  public LayerMap withDelta(InMemoryLayer layer, DeltaLayer file) {
    if (frozen.isEmpty() || frozen.get(0) != layer) {
      throw new IllegalStateException("not the oldest frozen layer: layer=" + layer.displayName());
    }
    return new LayerMap(
        deltas.plus(file), List.copyOf(frozen.subList(1, frozen.size())), open, totals.plus(file));
  }

  /**
   * Returns the layer that takes new versions; null if nothing was put since the last freeze. It
   * may have been frozen in the meantime.
   */
  public @Nullable InMemoryLayer open() {
    return open;
  }

  /** Returns the number of layers in files, which are the oldest ones. */
  public int deltas() {
    return deltas.size();
  }

  /**
   * Returns a layer in a file, by its number from oldest to newest: 0 to {@link #deltas()},
   * exclusive.
   */
  public DeltaLayer delta(int number) {
    visited();
    return deltas.get(number);
  }

  /** Returns the number of versions in all layers. Visits no delta layer. */
  public long versions() {
    long sum = totals.versions();
    for (int number = deltas.size(); number < size(); number++) {
      sum += get(number).versions();
    }
    return sum;
  }

  /** Returns the sum of the sizes of all layers. Visits no delta layer. */
  public long sizeBytes() {
    long sum = totals.sizeBytes();
    for (int number = deltas.size(); number < size(); number++) {
      sum += get(number).sizeBytes();
    }
    return sum;
  }

  /** Returns the sum of the content digests of the delta layers. Visits none of them. */
  public long durableDigest() {
    return totals.contentDigest();
  }

  /** Returns the first LSN of the oldest layer; {@link Lsn#INVALID} if there are no layers. */
  public Lsn firstLsn() {
    if (size() == 0) {
      return Lsn.INVALID;
    }
    Layer oldest = get(0);
    return oldest instanceof InMemoryLayer memory
        ? memory.startLsn()
        : oldest.lsnRange().startLsn();
  }

  /** Returns the number of layers. */
  public int size() {
    return deltas.size() + frozen.size() + (open == null ? 0 : 1);
  }

  /** Returns a layer by its number from oldest to newest: 0 to {@link #size()}, exclusive. */
  public Layer get(int number) {
    visited();
    return at(number);
  }

  private Layer at(int number) {
    if (number < deltas.size()) {
      return deltas.get(number);
    }
    if (number < deltas.size() + frozen.size()) {
      return frozen.get(number - deltas.size());
    }
    if (open == null || number != size() - 1) {
      throw new IndexOutOfBoundsException(number);
    }
    return open;
  }

  /**
   * Returns the number of the newest layer that begins at or below an LSN; -1 if all begin above.
   */
  public int newestAt(Lsn asOf) {
    if (open != null && open.startLsn().compareTo(asOf) <= 0) {
      return size() - 1;
    }
    int low = 0;
    int high = deltas.size() + frozen.size() - 1;
    if (high >= 0 && get(high).lsnRange().startLsn().compareTo(asOf) <= 0) {
      return high; // most reads are of the newest layers
    }
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (get(middle).lsnRange().startLsn().compareTo(asOf) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /**
   * Returns the number of the oldest layer that begins after a log offset; {@link #size()} if none
   * does.
   */
  public int firstStartingAfter(long offset) {
    int low = 0;
    int high = size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (get(middle).startOffset() <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Returns the last LSN of the layers that are not open; {@link Lsn#INVALID} if there are none.
   */
  public Lsn lastClosedLsn() {
    int closed = deltas.size() + frozen.size();
    return closed == 0 ? Lsn.INVALID : Lsn.of(at(closed - 1).lsnRange().endLsn().value() - 1);
  }

  private static void visited() {
    LongAdder counting = visits;
    if (counting != null) {
      counting.increment();
    }
  }

  /**
   * Checks the order of the layers, and the totals against the layers. For tests: it visits each.
   *
   * @throws AssertionError if something is wrong
   */
  public void checkInvariants() {
    Layer before = null;
    DeltaTotals summed = new DeltaTotals(0, 0, 0);
    for (int number = 0; number < size(); number++) {
      Layer layer = get(number);
      require(layer.versions() + layer.tombstones() > 0, "an empty layer", layer);
      if (before != null) {
        long lastLsn = before.lsnRange().endLsn().value() - 1;
        require(
            Long.compareUnsigned(layer.lsnRange().startLsn().value(), lastLsn) >= 0,
            "a layer begins below the end of an older one",
            layer);
        require(
            layer.startOffset() >= before.endOffset(),
            "a layer begins at an offset of an older one",
            layer);
      }
      if (layer instanceof DeltaLayer delta) {
        summed = summed.plus(delta);
      }
      before = layer;
    }
    require(summed.equals(totals), "wrong totals " + totals + " instead of " + summed, before);
    for (InMemoryLayer layer : frozen) {
      require(layer.isFrozen(), "an open layer among the frozen ones", layer);
    }
    require(open == null || !open.isFrozen(), "a frozen layer is where the open one is", open);
  }

  private static void require(boolean holds, String violation, @Nullable Layer layer) {
    if (!holds) {
      String name = layer == null ? "none" : layer.displayName();
      throw new AssertionError(violation + ": layer=" + name);
    }
  }
}
