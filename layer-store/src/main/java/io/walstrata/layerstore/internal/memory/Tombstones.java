package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/** Holds the tombstones of a layer in memory. One thread adds, any number read. */
public final class Tombstones {
  /*
   * An index cannot be added to, so there are several, each at least twice as large as the next:
   * the newest tombstones are searched one by one until there are 64; those become an index of
   * their own, which is merged with the indexes that are no larger. Each tombstone is indexed again
   * O(log n) times (J. L. Bentley, J. B. Saxe, "Decomposable searching problems I", 1980), and a
   * look-up reads at most 11 indexes for 100 000 tombstones, each in O(log n).
   */
  private static final int BYTES_EACH = 320; // keys, LSN, ranges and the node in the set
  private static final int MAX_RECENT = 64;

  /** The content for look-ups at one moment. */
  private static final class Content {
    private final TombstoneIndex[] parts; // largest first
    private final Tombstone[] recent; // in no index yet

    Content(TombstoneIndex[] parts, Tombstone[] recent) {
      this.parts = parts;
      this.recent = recent;
    }

    Content with(Tombstone tombstone) {
      Tombstone[] more = Arrays.copyOf(recent, recent.length + 1);
      more[recent.length] = tombstone;
      if (more.length < MAX_RECENT) {
        return new Content(parts, more);
      }
      List<Tombstone> last = new ArrayList<>(List.of(more));
      int kept = parts.length;
      while (kept > 0 && parts[kept - 1].all().size() < 2 * last.size()) {
        last.addAll(parts[--kept].all());
      }
      TombstoneIndex[] changed = Arrays.copyOf(parts, kept + 1);
      changed[kept] = TombstoneIndex.of(last);
      return new Content(changed, new Tombstone[0]);
    }

    int size() {
      int size = recent.length;
      for (TombstoneIndex part : parts) {
        size += part.all().size();
      }
      return size;
    }
  }

  private final ConcurrentSkipListSet<Tombstone> sorted = new ConcurrentSkipListSet<>();
  private volatile Content content = new Content(new TombstoneIndex[0], new Tombstone[0]);
  private volatile @Nullable PageKey endKey; // the highest of all; null if there are none

  /** Adds a tombstone; returns false if it was added before. For the writer. */
  public boolean add(Tombstone tombstone) {
    if (sorted.contains(tombstone)) {
      return false;
    }
    Content changed = content.with(tombstone);
    sorted.add(tombstone); // last, as all of the above may fail for lack of memory
    PageKey end = endKey;
    if (end == null || tombstone.keys().endKey().compareTo(end) > 0) {
      endKey = tombstone.keys().endKey();
    }
    content = changed;
    return true;
  }

  /** Returns the approximate heap that the tombstones take, in bytes. For the writer. */
  public long heapBytes() {
    Content now = content;
    long bytes = (long) BYTES_EACH * now.size();
    for (TombstoneIndex part : now.parts) {
      bytes += part.heapBytes();
    }
    return bytes;
  }

  public boolean contains(Tombstone tombstone) {
    return sorted.contains(tombstone);
  }

  /** Returns the tombstones in order. */
  public List<Tombstone> list() {
    return size() == 0 ? List.of() : List.copyOf(sorted);
  }

  public int size() {
    return content.size();
  }

  /** Returns the lowest key that is covered; null if there are no tombstones. */
  public @Nullable PageKey startKey() {
    return endKey == null ? null : sorted.first().keys().startKey();
  }

  /** Returns the first key after all covered ones; null if there are no tombstones. */
  public @Nullable PageKey endKey() {
    return endKey;
  }

  /** Returns what {@link TombstoneIndex#newest} does. */
  public Lsn newest(PageKey key, Lsn asOf, CostCounter cost) {
    Content now = content;
    Lsn newest = Lsn.INVALID;
    for (Tombstone tombstone : now.recent) {
      cost.tombstoneStep();
      Lsn lsn = tombstone.lsn();
      if (lsn.isAfter(newest) && !lsn.isAfter(asOf) && tombstone.keys().contains(key)) {
        newest = lsn;
      }
    }
    for (TombstoneIndex part : now.parts) {
      Lsn found = part.newest(key, asOf, cost);
      newest = found.isAfter(newest) ? found : newest;
    }
    return newest;
  }

  /** Returns what {@link TombstoneIndex#span} does. */
  public TombstoneSpan span(PageKey key, Lsn asOf, CostCounter cost) {
    Content now = content;
    TombstoneSpan span = TombstoneSpan.NONE;
    for (Tombstone tombstone : now.recent) {
      cost.tombstoneStep();
      if (!tombstone.lsn().isAfter(asOf)) {
        span = both(span, span(tombstone, key));
      }
    }
    for (TombstoneIndex part : now.parts) {
      span = both(span, part.span(key, asOf, cost));
    }
    return span;
  }

  private static TombstoneSpan span(Tombstone tombstone, PageKey key) {
    KeyRange keys = tombstone.keys();
    if (keys.contains(key)) {
      return new TombstoneSpan(tombstone.lsn(), keys.endKey(), keys.endKey());
    }
    PageKey start = keys.startKey();
    return start.compareTo(key) > 0
        ? new TombstoneSpan(Lsn.INVALID, start, start)
        : TombstoneSpan.NONE;
  }

  /** Returns the span for two parts of the tombstones together. */
  private static TombstoneSpan both(TombstoneSpan one, TombstoneSpan other) {
    PageKey end = lower(one.endKey(), other.endKey());
    PageKey covered = lower(one.coveredUpTo(), other.coveredUpTo());
    if (isCovered(one) && isCovered(other)) {
      covered = higher(one.coveredUpTo(), other.coveredUpTo());
    } else if (isCovered(one) || isCovered(other)) {
      covered = isCovered(one) ? one.coveredUpTo() : other.coveredUpTo();
    }
    Lsn newest = one.newest().isAfter(other.newest()) ? one.newest() : other.newest();
    return new TombstoneSpan(newest, end, covered);
  }

  private static boolean isCovered(TombstoneSpan span) {
    return !span.newest().equals(Lsn.INVALID);
  }

  private static PageKey lower(PageKey key, PageKey other) {
    return key.compareTo(other) < 0 ? key : other;
  }

  private static PageKey higher(PageKey key, PageKey other) {
    return key.compareTo(other) > 0 ? key : other;
  }
}
