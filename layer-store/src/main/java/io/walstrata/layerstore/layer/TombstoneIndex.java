package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Says which of a layer's tombstones cover a key. Immutable, for any thread. */
final class TombstoneIndex {
  /*
   * A segment tree (J. L. Bentley, "Algorithms for Klee's rectangle problems", 1977). The first and
   * the last keys of all ranges cut the key space into segments, which are the leaves of a binary
   * tree. A tombstone covers a run of segments and is noted at the few nodes that make up that run,
   * so all that cover a key are noted on the way from its leaf to the root. The LSNs at a node are
   * sorted. A look takes O(log^2 n), however the ranges overlap and however many cover the key: a
   * table that is truncated every minute has the same range a thousand times.
   *
   * Node 1 is the root, node i has the children 2i and 2i + 1, and the leaves are the last ones.
   * Memory: one LSN per noting. Ranges that hardly overlap, as those of relations, are noted once or
   * twice each, random ones 2 log n times at worst.
   */
  static final TombstoneIndex EMPTY = new TombstoneIndex(List.of());

  private final List<Tombstone> tombstones; // as given
  private final PageKey[] bounds; // between the segments, sorted
  private final int leaves;
  private final int[] starts; // node -> where its LSNs start in lsns
  private final long[] lsns; // sorted within each node

  private TombstoneIndex(Collection<Tombstone> given) {
    tombstones = List.copyOf(given);
    bounds = bounds(tombstones);
    leaves = Math.max(0, bounds.length - 1);
    starts = new int[2 * leaves + 1];
    Run[] runs = runs();
    for (Run run : runs) {
      forNodes(run, node -> starts[node + 1]++);
    }
    for (int node = 0; node < 2 * leaves; node++) {
      starts[node + 1] += starts[node];
    }
    lsns = new long[starts[2 * leaves]];
    int[] ends = Arrays.copyOf(starts, 2 * leaves);
    for (Run run : runs) {
      forNodes(run, node -> lsns[ends[node]++] = run.lsn);
    }
  }

  static TombstoneIndex of(Collection<Tombstone> tombstones) {
    return tombstones.isEmpty() ? EMPTY : new TombstoneIndex(tombstones);
  }

  private static PageKey[] bounds(List<Tombstone> tombstones) {
    PageKey[] all = new PageKey[2 * tombstones.size()];
    for (int i = 0; i < tombstones.size(); i++) {
      all[2 * i] = tombstones.get(i).keys().startKey();
      all[2 * i + 1] = tombstones.get(i).keys().endKey();
    }
    Arrays.sort(all);
    int distinct = 0;
    for (PageKey bound : all) {
      if (distinct == 0 || !all[distinct - 1].equals(bound)) {
        all[distinct++] = bound;
      }
    }
    return Arrays.copyOf(all, distinct);
  }

  /** The segments that a tombstone covers. */
  private record Run(int start, int end, long lsn) {}

  /** Returns the tombstones' runs, sorted by LSN. */
  private Run[] runs() {
    Run[] runs = new Run[tombstones.size()];
    for (int i = 0; i < runs.length; i++) {
      KeyRange keys = tombstones.get(i).keys();
      int start = Arrays.binarySearch(bounds, keys.startKey());
      int end = Arrays.binarySearch(bounds, keys.endKey());
      runs[i] = new Run(start, end, tombstones.get(i).lsn().value());
    }
    Arrays.sort(runs, (run, other) -> Long.compareUnsigned(run.lsn, other.lsn));
    return runs;
  }

  private interface NodeVisitor {
    void visit(int node);
  }

  private void forNodes(Run run, NodeVisitor visitor) {
    int low = leaves + run.start;
    int high = leaves + run.end;
    while (low < high) {
      if ((low & 1) == 1) {
        visitor.visit(low++);
      }
      if ((high & 1) == 1) {
        visitor.visit(--high);
      }
      low >>>= 1;
      high >>>= 1;
    }
  }

  /** Returns the heap that the index takes, without the tombstones themselves. */
  long heapBytes() {
    return (long) Integer.BYTES * starts.length
        + (long) Long.BYTES * (lsns.length + bounds.length + tombstones.size());
  }

  /** Returns all tombstones, in the order in which they were given. */
  List<Tombstone> all() {
    return tombstones;
  }

  /**
   * Returns the LSN of the newest tombstone at or below an LSN that covers a key; {@link
   * Lsn#INVALID} if none does.
   */
  Lsn newest(PageKey key, Lsn asOf) {
    long newest = 0;
    for (int node = leaf(key); node > 0; node >>>= 1) {
      int at = behind(node, asOf) - 1;
      if (at >= starts[node] && Long.compareUnsigned(lsns[at], newest) > 0) {
        newest = lsns[at];
      }
    }
    return newest == 0 ? Lsn.INVALID : Lsn.of(newest);
  }

  /** Returns the same, and up to which key it holds. */
  DropSpan span(PageKey key, Lsn asOf) {
    int behind = segment(key) + 1;
    return new DropSpan(newest(key, asOf), behind < bounds.length ? bounds[behind] : PageKey.MAX);
  }

  /** Returns the leaf of the segment that a key is in; 0 if it is in none. */
  private int leaf(PageKey key) {
    int segment = segment(key);
    return segment < 0 || segment >= leaves ? 0 : leaves + segment;
  }

  /** Returns which of the bounds is the last at or below a key; -1 if none is. */
  private int segment(PageKey key) {
    int found = Arrays.binarySearch(bounds, key);
    return found >= 0 ? found : -found - 2;
  }

  /** Returns the place behind a node's last LSN at or below one. */
  private int behind(int node, Lsn asOf) {
    int low = starts[node];
    int high = starts[node + 1];
    while (low < high) {
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
