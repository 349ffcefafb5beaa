package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.format.VersionVisitor;
import io.walstrata.layerstore.io.EphemeralFile;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What an open and later a frozen layer holds: an index over values in an ephemeral file, and
 * tombstones. One thread puts, any number reads.
 */
final class MemoryVersions {
  private final EphemeralFile file;
  private final VersionIndex index = new VersionIndex();
  private final ConcurrentSkipListSet<Tombstone> tombstones = new ConcurrentSkipListSet<>();

  // Written by the one thread that puts, read by those who describe the layer.
  private final AtomicLong versions = new AtomicLong();
  private final AtomicLong tombstoneCount = new AtomicLong();
  private final AtomicLong valueBytes = new AtomicLong();
  private volatile Lsn maxLsn = Lsn.INVALID;
  private volatile @Nullable PageKey tombstonesEnd;

  MemoryVersions(EphemeralFile file) {
    this.file = file;
  }

  EphemeralFile file() {
    return file;
  }

  /** Puts a version whose value is in the file; returns whether it replaces one. */
  boolean put(PageKey key, Lsn lsn, ValueKind kind, long position, int length) {
    int replaced = index.put(key, lsn, kind, position, length);
    if (replaced < 0) {
      versions.incrementAndGet();
      valueBytes.addAndGet(length);
    } else {
      valueBytes.addAndGet(length - replaced);
    }
    cover(lsn);
    return replaced >= 0;
  }

  /** Puts a tombstone; returns whether it was there. */
  boolean put(Tombstone tombstone) {
    if (!tombstones.add(tombstone)) {
      return true;
    }
    PageKey end = tombstonesEnd;
    if (end == null || tombstone.keys().endKey().compareTo(end) > 0) {
      tombstonesEnd = tombstone.keys().endKey();
    }
    tombstoneCount.incrementAndGet();
    cover(tombstone.lsn());
    return false;
  }

  private void cover(Lsn lsn) {
    if (lsn.isAfter(maxLsn)) {
      maxLsn = lsn;
    }
  }

  long versions() {
    return versions.get();
  }

  long tombstones() {
    return tombstoneCount.get();
  }

  long valueBytes() {
    return valueBytes.get();
  }

  Lsn maxLsn() {
    return maxLsn;
  }

  KeyRange keyRange() {
    PageKey start = index.firstKey();
    PageKey last = index.lastKey();
    PageKey end = last == null ? null : last.next();
    PageKey droppedEnd = tombstonesEnd;
    if (droppedEnd != null) {
      PageKey droppedStart = tombstones.first().keys().startKey();
      start = start == null || droppedStart.compareTo(start) < 0 ? droppedStart : start;
      end = end == null || droppedEnd.compareTo(end) > 0 ? droppedEnd : end;
    }
    if (start == null || end == null) {
      throw new IllegalStateException("nothing was put into the layer");
    }
    return new KeyRange(start, end);
  }

  List<Tombstone> tombstoneList() {
    return tombstoneCount.get() == 0 ? List.of() : List.copyOf(tombstones);
  }

  boolean contains(PageKey key, Lsn lsn) {
    return index.contains(key, lsn);
  }

  boolean contains(Tombstone tombstone) {
    return tombstones.contains(tombstone);
  }

  void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor) throws IOException {
    index.descend(key, asOf, above, reading(visitor));
  }

  void forEach(VersionVisitor visitor) throws IOException {
    index.forEach(reading(visitor));
  }

  private VersionIndex.Visitor reading(VersionVisitor visitor) {
    return (key, lsn, kind, position, length) ->
        visitor.visit(key, lsn, new Value(kind, file.read(position, length)));
  }
}
