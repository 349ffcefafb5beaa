package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.format.CostCounter;
import io.walstrata.layerstore.format.DeltaLayerWriter;
import io.walstrata.layerstore.format.VersionVisitor;
import io.walstrata.layerstore.io.EphemeralFile;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;

/**
 * What an open and later a frozen layer holds: an index over values in an ephemeral file, and
 * tombstones. One thread puts, any number reads.
 */
final class MemoryVersions {
  /** The objects of an open and a frozen layer and of its timeline's place in a freeze point. */
  private static final int BYTES_PER_LAYER = 1024;

  private static final int WRITING_BYTES_PER_KEY =
      KeyOrder.BYTES_PER_KEY + DeltaLayerWriter.BYTES_PER_KEY;

  private final EphemeralFile file;
  private final LayerTotals totals = new LayerTotals();
  private final VersionIndex index = new VersionIndex(totals);
  private final Tombstones tombstones = new Tombstones();

  MemoryVersions(EphemeralFile file) {
    this.file = file;
  }

  EphemeralFile file() {
    return file;
  }

  LayerTotals totals() {
    return totals;
  }

  VersionIndex index() {
    return index;
  }

  /**
   * Puts a version whose value is in the file; returns whether it is new.
   *
   * @param known the key's number in the index, or {@link KeyTable#NONE}
   */
  boolean put(int known, long keyHigh, long keyLow, long lsn, long place) {
    if (!index.put(known, keyHigh, keyLow, lsn, place)) {
      return false;
    }
    totals.set(LayerTotals.VALUE_BYTES, totals.own(LayerTotals.VALUE_BYTES) + PackedPosition.length(place));
    return true;
  }

  /** Puts a tombstone; returns whether it is new. */
  boolean put(Tombstone tombstone) {
    if (!tombstones.add(tombstone)) {
      return false;
    }
    long lsn = tombstone.lsn().value();
    if (Long.compareUnsigned(lsn, totals.own(LayerTotals.MAX_LSN)) > 0) {
      totals.set(LayerTotals.MAX_LSN, lsn);
    }
    return true;
  }

  long versions() {
    return index.versions();
  }

  long tombstones() {
    return tombstones.size();
  }

  /**
   * Returns the heap that the layer takes, and will take for its keys while it is written out. From
   * the sizes of what it is made of, so it changes when something grows. For the writer.
   */
  long heapBytes() {
    long keys = index.keyCapacity();
    long tombstoneBytes = tombstones.size() == 0 ? 0 : tombstones.heapBytes();
    return BYTES_PER_LAYER + index.heapBytes() + keys * WRITING_BYTES_PER_KEY + tombstoneBytes;
  }

  long valueBytes() {
    return totals.get(LayerTotals.VALUE_BYTES);
  }

  Lsn maxLsn() {
    return Lsn.of(totals.get(LayerTotals.MAX_LSN));
  }

  KeyRange keyRange() {
    PageKey start = index.firstKey();
    PageKey last = index.lastKey();
    PageKey end = last == null ? null : last.next();
    PageKey droppedStart = tombstones.startKey();
    PageKey droppedEnd = tombstones.endKey();
    if (droppedStart != null && droppedEnd != null) {
      start = start == null || droppedStart.compareTo(start) < 0 ? droppedStart : start;
      end = end == null || droppedEnd.compareTo(end) > 0 ? droppedEnd : end;
    }
    if (start == null || end == null) {
      throw new IllegalStateException("nothing was put into the layer");
    }
    return new KeyRange(start, end);
  }

  /** Returns whether a key is in {@link #keyRange()}. */
  boolean covers(PageKey key) {
    return index.covers(key) || (tombstones.size() > 0 && keyRange().contains(key));
  }

  Tombstones tombstoneSet() {
    return tombstones;
  }

  boolean contains(PageKey key, Lsn lsn) {
    return index.contains(key, lsn);
  }

  void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor, CostCounter cost)
      throws IOException {
    ValueWindow values = new ValueWindow(file, Integer.MAX_VALUE);
    descend(key, index.find(key), asOf, above, visitor, values, cost);
  }

  /**
   * Visits a key's versions from newest to oldest.
   *
   * @param number the key's, as the index has it
   */
  void descend(
      PageKey key,
      int number,
      Lsn asOf,
      Lsn above,
      VersionVisitor visitor,
      ValueWindow values,
      CostCounter cost)
      throws IOException {
    index.descend(
        number,
        asOf,
        above,
        (keyHigh, keyLow, lsn, place) -> {
          int length = PackedPosition.length(place);
          cost.keep(length);
          cost.memoryRead(length);
          byte[] bytes = values.read(PackedPosition.position(place), length);
          return visitor.visit(key, Lsn.of(lsn), new Value(PackedPosition.kind(place), bytes));
        });
  }

  void forEach(KeyRange keys, VersionVisitor visitor) throws IOException {
    index.forEach(
        keys,
        (keyHigh, keyLow, lsn, place) ->
            visitor.visit(new PageKey(keyHigh, keyLow), Lsn.of(lsn), value(place)));
  }

  private Value value(long place) throws IOException {
    byte[] bytes = file.read(PackedPosition.position(place), PackedPosition.length(place));
    return new Value(PackedPosition.kind(place), bytes);
  }
}
