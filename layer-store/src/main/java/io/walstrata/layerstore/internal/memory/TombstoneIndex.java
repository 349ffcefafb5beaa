package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import java.util.List;
import java.util.function.IntBinaryOperator;

/** Finds which of a layer's tombstones cover a key. Immutable, for any thread. */
public final class TombstoneIndex {
  /*
   * The first and the last keys of all ranges cut the key space into segments, so that a tombstone
   * covers a run of segments. The runs are in a CoverTree in the order of their LSNs: those at or
   * below an LSN are the first ones, and the newest of them over a key is the answer. A look-up
   * takes O(log n), however the ranges overlap, even if one is there a thousand times, as for a
   * table that is truncated every minute, or if each is inside the one before.
   *
   * Memory is linear, some 70 bytes a tombstone beside the given list, all of it in primitive arrays.
   */
  static final TombstoneIndex EMPTY = new TombstoneIndex(List.of());

  private final List<Tombstone> tombstones; // as given
  private final long[] boundHigh; // keys between the segments, sorted
  private final long[] boundLow;
  private final long[] lsns; // sorted
  private final CoverTree runs; // in the order of the LSNs

  private TombstoneIndex(List<Tombstone> given) {
    tombstones = given;
    int size = tombstones.size();
    long[] high = new long[2 * size];
    long[] low = new long[2 * size];
    long[] unsorted = new long[size];
    int at = 0;
    for (Tombstone tombstone : tombstones) {
      high[2 * at] = tombstone.keys().startKey().high();
      low[2 * at] = tombstone.keys().startKey().low();
      high[2 * at + 1] = tombstone.keys().endKey().high();
      low[2 * at + 1] = tombstone.keys().endKey().low();
      unsorted[at++] = tombstone.lsn().value();
    }
    int[] byKey = sorted(2 * size, (a, b) -> PageKey.compare(high[a], low[a], high[b], low[b]));
    int[] bounds = new int[2 * size]; // of each end of a range
    int distinct = 0;
    for (int i = 0; i < byKey.length; i++) {
      boolean isNew =
          i == 0 || high[byKey[i]] != high[byKey[i - 1]] || low[byKey[i]] != low[byKey[i - 1]];
      distinct += isNew ? 1 : 0;
      bounds[byKey[i]] = distinct - 1;
    }
    boundHigh = new long[distinct];
    boundLow = new long[distinct];
    for (int end = 0; end < bounds.length; end++) {
      boundHigh[bounds[end]] = high[end];
      boundLow[bounds[end]] = low[end];
    }
    int[] byLsn = sorted(size, (a, b) -> Long.compareUnsigned(unsorted[a], unsorted[b]));
    lsns = new long[size];
    int[] starts = new int[size];
    int[] ends = new int[size];
    for (int run = 0; run < size; run++) {
      lsns[run] = unsorted[byLsn[run]];
      starts[run] = bounds[2 * byLsn[run]];
      ends[run] = bounds[2 * byLsn[run] + 1];
    }
    runs = new CoverTree(starts, ends);
  }

  /** Returns an index over a list of tombstones that does not change any more. */
  public static TombstoneIndex of(List<Tombstone> tombstones) {
    return tombstones.isEmpty() ? EMPTY : new TombstoneIndex(tombstones);
  }

  /** Returns the numbers from 0 to {@code size} in an order, sorted without an object for each. */
  private static int[] sorted(int size, IntBinaryOperator order) {
    int[] numbers = new int[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = i;
    }
    int[] target = new int[size];
    for (int width = 1; width < size; width *= 2) {
      for (int from = 0; from < size; from += 2 * width) {
        int middle = Math.min(size, from + width);
        merge(numbers, from, middle, Math.min(size, middle + width), target, order);
      }
      int[] swapped = numbers;
      numbers = target;
      target = swapped;
    }
    return numbers;
  }

  private static void merge(
      int[] numbers, int from, int middle, int end, int[] target, IntBinaryOperator order) {
    int left = from;
    int right = middle;
    for (int i = from; i < end; i++) {
      boolean takesLeft =
          right == end || (left < middle && order.applyAsInt(numbers[left], numbers[right]) <= 0);
      target[i] = takesLeft ? numbers[left++] : numbers[right++];
    }
  }

  /** Returns the heap that the index takes, in bytes, without the tombstones themselves. */
  long heapBytes() {
    return runs.heapBytes() + Long.BYTES * (2L * boundHigh.length + 2L * lsns.length);
  }

  /** Returns all tombstones, in the order in which they were given. */
  List<Tombstone> all() {
    return tombstones;
  }

  /**
   * Returns the LSN of the newest tombstone at or below an LSN that covers a key; {@link
   * Lsn#INVALID} if none does.
   */
  public Lsn newest(PageKey key, Lsn asOf, CostCounter cost) {
    return newest(segment(key, cost), upTo(asOf, cost), cost);
  }

  private Lsn newest(int segment, int first, CostCounter cost) {
    if (segment < 0 || segment >= boundHigh.length - 1) {
      return Lsn.INVALID;
    }
    int run = runs.last(segment, first, cost);
    return run < 0 ? Lsn.INVALID : Lsn.of(lsns[run]);
  }

  /** Returns the LSN that {@link #newest} returns, and the key up to which it is the same. */
  public TombstoneSpan span(PageKey key, Lsn asOf, CostCounter cost) {
    int segment = segment(key, cost);
    int first = upTo(asOf, cost);
    if (first == 0) {
      return TombstoneSpan.NONE;
    }
    Lsn newest = newest(segment, first, cost);
    PageKey end = bound(segment + 1);
    if (newest.equals(Lsn.INVALID)) {
      return new TombstoneSpan(newest, end, end);
    }
    // As of an older LSN the result is known for one segment only.
    boolean areAll = first == lsns.length;
    return new TombstoneSpan(newest, end, areAll ? bound(runs.coveredUpTo(segment)) : end);
  }

  private PageKey bound(int number) {
    return number < boundHigh.length
        ? new PageKey(boundHigh[number], boundLow[number])
        : PageKey.MAX;
  }

  /** Returns the number of the last bound at or below a key; -1 if there is none. */
  private int segment(PageKey key, CostCounter cost) {
    int low = 0;
    int high = boundHigh.length;
    while (low < high) {
      cost.tombstoneStep();
      int middle = (low + high) >>> 1;
      if (PageKey.compare(boundHigh[middle], boundLow[middle], key.high(), key.low()) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** Returns how many of the tombstones are at or below an LSN. */
  private int upTo(Lsn asOf, CostCounter cost) {
    int low = 0;
    int high = lsns.length;
    while (low < high) {
      cost.tombstoneStep();
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(lsns[middle], asOf.value()) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
