package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;

/** Tombstones in 40 bytes each, which become objects when they are accessed. Immutable. */
final class TombstoneList extends AbstractList<Tombstone> implements RandomAccess {
  private static final int LONGS = 5;

  /** Heap that a tombstone takes in the list. */
  static final int BYTES_EACH = LONGS * Long.BYTES;

  private final long[] longs;

  /** Builds a list from tombstones added one by one. */
  static final class Builder {
    private final long[] longs;
    private int used;

    Builder(int size) {
      longs = new long[Math.multiplyExact(size, LONGS)];
    }

    void add(Tombstone tombstone) {
      longs[used++] = tombstone.keys().startKey().high();
      longs[used++] = tombstone.keys().startKey().low();
      longs[used++] = tombstone.keys().endKey().high();
      longs[used++] = tombstone.keys().endKey().low();
      longs[used++] = tombstone.lsn().value();
    }

    /** Returns the list; called after the stated number of tombstones was added. */
    TombstoneList finish() {
      assert used == longs.length : "used=" + used + ", longs=" + longs.length;
      return new TombstoneList(longs);
    }
  }

  private TombstoneList(long[] longs) {
    this.longs = longs;
  }

  @Override
  public Tombstone get(int index) {
    int at = Objects.checkIndex(index, size()) * LONGS;
    return new Tombstone(
        new KeyRange(
            new PageKey(longs[at], longs[at + 1]), new PageKey(longs[at + 2], longs[at + 3])),
        Lsn.of(longs[at + 4]));
  }

  @Override
  public int size() {
    return longs.length / LONGS;
  }
}
