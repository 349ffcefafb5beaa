package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/** The tombstones of a layer in memory. One thread adds, any number read. */
final class Tombstones {
  /*
   * An index cannot be added to, so there are several, each at least twice as large as the next: a
   * tombstone begins one of its own, and those that are no larger than what comes are made into one
   * with it. Each tombstone is indexed anew O(log n) times (J. L. Bentley, J. B. Saxe,
   * "Decomposable searching problems I", 1980), and a look asks at most 17 for 100 000 tombstones.
   */
  private static final int BYTES_EACH = 320; // keys, LSN, ranges and the node in the set

  private final ConcurrentSkipListSet<Tombstone> sorted = new ConcurrentSkipListSet<>();
  private volatile TombstoneIndex[] parts = {}; // largest first
  private volatile @Nullable PageKey endKey; // the highest of all; null if there are none

  /** Adds a tombstone; returns false if it is there already. For the writer. */
  boolean add(Tombstone tombstone) {
    if (sorted.contains(tombstone)) {
      return false;
    }
    List<Tombstone> last = new ArrayList<>(List.of(tombstone));
    int kept = parts.length;
    while (kept > 0 && parts[kept - 1].all().size() < 2 * last.size()) {
      last.addAll(parts[--kept].all());
    }
    TombstoneIndex[] changed = Arrays.copyOf(parts, kept + 1);
    changed[kept] = TombstoneIndex.of(last);
    sorted.add(tombstone); // not before there was memory for all of the above
    PageKey end = endKey;
    if (end == null || tombstone.keys().endKey().compareTo(end) > 0) {
      endKey = tombstone.keys().endKey();
    }
    parts = changed;
    return true;
  }

  /** Returns the heap that the tombstones take, about. For the writer. */
  long heapBytes() {
    long bytes = 0;
    for (TombstoneIndex part : parts) {
      bytes += part.heapBytes() + (long) BYTES_EACH * part.all().size();
    }
    return bytes;
  }

  boolean contains(Tombstone tombstone) {
    return sorted.contains(tombstone);
  }

  /** Returns them in order. */
  List<Tombstone> list() {
    return parts.length == 0 ? List.of() : List.copyOf(sorted);
  }

  int size() {
    int size = 0;
    for (TombstoneIndex part : parts) {
      size += part.all().size();
    }
    return size;
  }

  /** Returns the lowest key that is covered; null if there are no tombstones. */
  @Nullable PageKey startKey() {
    return endKey == null ? null : sorted.first().keys().startKey();
  }

  /** Returns the key behind all that are covered; null if there are no tombstones. */
  @Nullable PageKey endKey() {
    return endKey;
  }

  /** See {@link TombstoneIndex#newest}. */
  Lsn newest(PageKey key, Lsn asOf) {
    Lsn newest = Lsn.INVALID;
    for (TombstoneIndex part : parts) {
      Lsn found = part.newest(key, asOf);
      newest = found.isAfter(newest) ? found : newest;
    }
    return newest;
  }

  /** See {@link TombstoneIndex#span}. */
  DropSpan span(PageKey key, Lsn asOf) {
    Lsn newest = Lsn.INVALID;
    PageKey endKey = PageKey.MAX;
    for (TombstoneIndex part : parts) {
      DropSpan found = part.span(key, asOf);
      newest = found.newest().isAfter(newest) ? found.newest() : newest;
      endKey = found.endKey().compareTo(endKey) < 0 ? found.endKey() : endKey;
    }
    return new DropSpan(newest, endKey);
  }
}
