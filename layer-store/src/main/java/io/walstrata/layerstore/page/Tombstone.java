package io.walstrata.layerstore.page;

import java.util.Comparator;

/**
 * A key range that was dropped: versions of its keys with an LSN at or below {@code lsn} are hidden
 * from reads as of {@code lsn} and later, whenever they arrived; versions above are visible.
 * Ordered by start key, end key, LSN.
 *
 * @param keys what was dropped
 * @param lsn when
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
