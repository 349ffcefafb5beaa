package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a layer in memory are: (key, LSN) to position, length and kind. One thread
 * puts, any number reads.
 */
final class VersionIndex {
  /*
   * A sorted map with an object per version: plain, and right about publication. All that a layer
   * needs of an index is what this class offers.
   */
  private record VersionKey(long keyHigh, long keyLow, long lsn) implements Comparable<VersionKey> {
    static VersionKey of(PageKey key, Lsn lsn) {
      return new VersionKey(key.high(), key.low(), lsn.value());
    }

    @Override
    public int compareTo(VersionKey other) {
      int order = Long.compareUnsigned(keyHigh, other.keyHigh);
      if (order == 0) {
        order = Long.compareUnsigned(keyLow, other.keyLow);
      }
      return order != 0 ? order : Long.compareUnsigned(lsn, other.lsn);
    }

    PageKey key() {
      return new PageKey(keyHigh, keyLow);
    }

    boolean isOf(PageKey key) {
      return keyHigh == key.high() && keyLow == key.low();
    }
  }

  private record Slot(long position, int length, ValueKind kind) {}

  /** Takes versions one after the other. */
  @FunctionalInterface
  interface Visitor {
    /** Takes a version; returns whether there should be more. */
    boolean visit(PageKey key, Lsn lsn, ValueKind kind, long position, int length)
        throws IOException;
  }

  private final ConcurrentSkipListMap<VersionKey, Slot> slots = new ConcurrentSkipListMap<>();

  /** Puts a version and returns the length of the value that it replaces; -1 if there was none. */
  int put(PageKey key, Lsn lsn, ValueKind kind, long position, int length) {
    Slot old = slots.put(VersionKey.of(key, lsn), new Slot(position, length, kind));
    return old == null ? -1 : old.length;
  }

  boolean contains(PageKey key, Lsn lsn) {
    return slots.containsKey(VersionKey.of(key, lsn));
  }

  /** Returns the first key; null if there are no versions. */
  @Nullable PageKey firstKey() {
    Map.Entry<VersionKey, Slot> first = slots.firstEntry();
    return first == null ? null : first.getKey().key();
  }

  /** Returns the last key; null if there are no versions. */
  @Nullable PageKey lastKey() {
    Map.Entry<VersionKey, Slot> last = slots.lastEntry();
    return last == null ? null : last.getKey().key();
  }

  /**
   * Visits a key's versions from newest to oldest: at or below {@code asOf}, above {@code above}.
   */
  void descend(PageKey key, Lsn asOf, Lsn above, Visitor visitor) throws IOException {
    Map.Entry<VersionKey, Slot> entry = slots.floorEntry(VersionKey.of(key, asOf));
    while (entry != null && entry.getKey().isOf(key)) {
      Lsn lsn = Lsn.of(entry.getKey().lsn);
      if (!lsn.isAfter(above) || !visit(visitor, entry)) {
        return;
      }
      entry = slots.lowerEntry(entry.getKey());
    }
  }

  /** Visits all versions, sorted by key and LSN. */
  void forEach(Visitor visitor) throws IOException {
    for (Map.Entry<VersionKey, Slot> entry : slots.entrySet()) {
      if (!visit(visitor, entry)) {
        return;
      }
    }
  }

  private static boolean visit(Visitor visitor, Map.Entry<VersionKey, Slot> entry)
      throws IOException {
    Slot slot = entry.getValue();
    return visitor.visit(
        entry.getKey().key(), Lsn.of(entry.getKey().lsn), slot.kind, slot.position, slot.length);
  }
}
