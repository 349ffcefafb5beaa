package io.walstrata.layerstore.page;

import java.util.Comparator;

/**
 * A key range that has no pages from an LSN on, until they are written again: versions of its keys
 * with an LSN at or below {@code lsn} are hidden from reads as of {@code lsn} and later, whether
 * they were put before or after it; versions above are visible. Ordered by start key, end key, LSN.
 *
 * @param keys the keys of the dropped pages
 * @param lsn the LSN at which they were dropped
 */
public record Tombstone(KeyRange keys, Lsn lsn) implements Comparable<Tombstone> {
  private static final Comparator<Tombstone> ORDER =
      Comparator.comparing((Tombstone tombstone) -> tombstone.keys.startKey())
          .thenComparing(tombstone -> tombstone.keys.endKey())
          .thenComparing(Tombstone::lsn);

  @Override
  public int compareTo(Tombstone other) {
    return ORDER.compare(this, other);
  }
}
