package io.walstrata.layerstore.layer;

import static io.walstrata.layerstore.layer.KeyTable.NONE;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a layer in memory are: (key, LSN) to {@link Place}. One thread puts, any
 * number reads, and neither waits for the other.
 */
final class VersionIndex {
  /*
   * A hash table of the keys, each with its newest version, from which the older ones are chained
   * with jumps: a put is one look-up and two writes at the end of arrays. Order among the keys is
   * made when somebody wants it, which for most layers is once, when the file is written.
   */

  /** Takes versions one after the other, each as its primitive parts. */
  @FunctionalInterface
  interface Visitor {
    /** Takes a version; returns whether there should be more. */
    boolean visit(long keyHigh, long keyLow, long lsn, long place) throws IOException;
  }

  /** Returned by {@link #put} for a version that replaces none. */
  static final long ADDED = -1;

  private final KeyTable keys = new KeyTable();
  private final VersionChains versions = new VersionChains();
  private final KeyOrder order = new KeyOrder(keys);
  private final AtomicLong count = new AtomicLong(); // of versions; for readers

  /**
   * Puts a version and returns the place of the value that it replaces, or {@link #ADDED}.
   *
   * @throws IllegalArgumentException if the key has a newer version, but none of this LSN
   */
  long put(long keyHigh, long keyLow, long lsn, long place) {
    int key = keys.findOrAdd(keyHigh, keyLow);
    int newest = keys.newest(key);
    if (newest != NONE && Long.compareUnsigned(lsn, versions.lsn(newest)) <= 0) {
      return replace(newest, lsn, place);
    }
    keys.setNewest(key, versions.append(newest, lsn, place));
    count.lazySet(versions.count());
    return ADDED;
  }

  private long replace(int newest, long lsn, long place) {
    int version = versions.atOrBelow(newest, lsn);
    if (version == NONE || versions.lsn(version) != lsn) {
      throw new IllegalArgumentException(
          "version is older than the key's newest: lsn="
              + Lsn.of(lsn)
              + ", newest="
              + Lsn.of(versions.lsn(newest)));
    }
    return versions.replace(version, place);
  }

  /** Returns the number of versions. */
  long versions() {
    return count.get();
  }

  /** Returns the number of keys. */
  int keys() {
    return keys.count();
  }

  /** Returns the first key; null if there are no versions. */
  @Nullable PageKey firstKey() {
    return keys.first();
  }

  /** Returns the last key; null if there are no versions. */
  @Nullable PageKey lastKey() {
    return keys.last();
  }

  boolean contains(PageKey key, Lsn lsn) {
    int version = newest(key, lsn);
    return version != NONE && versions.lsn(version) == lsn.value();
  }

  private int newest(PageKey key, Lsn asOf) {
    int number = keys.find(key.high(), key.low());
    return number == NONE ? NONE : versions.atOrBelow(keys.newest(number), asOf.value());
  }

  /**
   * Visits a key's versions from newest to oldest: at or below {@code asOf}, above {@code above}.
   */
  void descend(PageKey key, Lsn asOf, Lsn above, Visitor visitor) throws IOException {
    int version = newest(key, asOf);
    while (version != NONE) {
      long lsn = versions.lsn(version);
      if (Long.compareUnsigned(lsn, above.value()) <= 0
          || !visitor.visit(key.high(), key.low(), lsn, versions.place(version))) {
        return;
      }
      version = versions.older(version);
    }
  }

  /** Visits all versions of a key range, sorted by key and LSN. */
  void forEach(KeyRange range, Visitor visitor) throws IOException {
    KeyOrder.Cursor cursor = order.cursor(range);
    int[] chain = new int[16];
    for (int key = cursor.next(); key != NONE; key = cursor.next()) {
      int version = keys.newest(key);
      if (version != NONE) {
        int length = versions.depth(version) + 1;
        chain = length <= chain.length ? chain : new int[length];
        for (int i = length - 1; i >= 0; i--) {
          chain[i] = version;
          version = versions.older(version);
        }
        for (int i = 0; i < length; i++) {
          long lsn = versions.lsn(chain[i]);
          if (!visitor.visit(keys.high(key), keys.low(key), lsn, versions.place(chain[i]))) {
            return;
          }
        }
      }
    }
  }
}
