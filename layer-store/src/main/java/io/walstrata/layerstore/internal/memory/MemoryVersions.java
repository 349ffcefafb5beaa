package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.internal.format.DeltaLayerWriter;
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
public final class MemoryVersions {
  /** The objects of an open and a frozen layer and of its timeline's place in a freeze point. */
  private static final int BYTES_PER_LAYER = 1024;

  private static final int WRITING_BYTES_PER_KEY =
      KeyOrder.BYTES_PER_KEY + DeltaLayerWriter.BYTES_PER_KEY;

  private final EphemeralFile file;
  private final LayerTally tally = new LayerTally();
  private final VersionIndex index = new VersionIndex(tally);
  private final Tombstones tombstones = new Tombstones();

  public MemoryVersions(EphemeralFile file) {
    this.file = file;
  }

  public EphemeralFile file() {
    return file;
  }

  public LayerTally tally() {
    return tally;
  }

  public VersionIndex index() {
    return index;
  }

  /**
   * Puts a version whose value is in the file; returns whether it is new.
   *
   * @param known the key's number in the index, or {@link KeyTable#NONE}
   */
  public boolean put(int known, long keyHigh, long keyLow, long lsn, long place) {
    if (!index.put(known, keyHigh, keyLow, lsn, place)) {
      return false;
    }
    tally.set(LayerTally.VALUE_BYTES, tally.own(LayerTally.VALUE_BYTES) + Place.length(place));
    return true;
  }

  /** Puts a tombstone; returns whether it is new. */
  public boolean put(Tombstone tombstone) {
    if (!tombstones.add(tombstone)) {
      return false;
    }
    long lsn = tombstone.lsn().value();
    if (Long.compareUnsigned(lsn, tally.own(LayerTally.MAX_LSN)) > 0) {
      tally.set(LayerTally.MAX_LSN, lsn);
    }
    return true;
  }

  public long versions() {
    return index.versions();
  }

  public long tombstones() {
    return tombstones.size();
  }

  /**
   * Returns the heap that the layer takes, and will take for its keys while it is written out. From
   * the sizes of what it is made of, so it changes when something grows. For the writer.
   */
  public long heapBytes() {
    long keys = index.keyCapacity();
    long tombstoneBytes = tombstones.size() == 0 ? 0 : tombstones.heapBytes();
    return BYTES_PER_LAYER + index.heapBytes() + keys * WRITING_BYTES_PER_KEY + tombstoneBytes;
  }

  public long valueBytes() {
    return tally.get(LayerTally.VALUE_BYTES);
  }

  public Lsn maxLsn() {
    return Lsn.of(tally.get(LayerTally.MAX_LSN));
  }

  public KeyRange keyRange() {
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
  public boolean covers(PageKey key) {
    return index.covers(key) || (tombstones.size() > 0 && keyRange().contains(key));
  }

  public Tombstones tombstoneSet() {
    return tombstones;
  }

  public boolean contains(PageKey key, Lsn lsn) {
    return index.contains(key, lsn);
  }

  public void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor, CostCounter cost)
      throws IOException {
    ValueWindow values = new ValueWindow(file, Integer.MAX_VALUE);
    descend(key, index.find(key), asOf, above, visitor, values, cost);
  }

  /**
   * Visits a key's versions from newest to oldest.
   *
   * @param number the key's, as the index has it
   */
  public void descend(
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
          int length = Place.length(place);
          cost.keep(length);
          cost.memoryRead(length);
          byte[] bytes = values.read(Place.position(place), length);
          return visitor.visit(key, Lsn.of(lsn), new Value(Place.kind(place), bytes));
        });
  }

  public void forEach(KeyRange keys, VersionVisitor visitor) throws IOException {
    index.forEach(
        keys,
        (keyHigh, keyLow, lsn, place) ->
            visitor.visit(new PageKey(keyHigh, keyLow), Lsn.of(lsn), value(place)));
  }

  private Value value(long place) throws IOException {
    byte[] bytes = file.read(Place.position(place), Place.length(place));
    return new Value(Place.kind(place), bytes);
  }
}
