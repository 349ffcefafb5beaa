package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import java.util.Collection;
import java.util.Optional;

/** Looks into sorted tombstones. */
final class Tombstones {
  private Tombstones() {}

  /** Returns the LSN of the newest tombstone in an LSN range that covers a key. */
  static Optional<Lsn> newest(Collection<Tombstone> sorted, PageKey key, LsnRange lsns) {
    Lsn newest = Lsn.INVALID;
    for (Tombstone tombstone : sorted) {
      if (tombstone.keys().startKey().compareTo(key) > 0) {
        break;
      }
      if (tombstone.keys().contains(key)
          && lsns.contains(tombstone.lsn())
          && tombstone.lsn().isAfter(newest)) {
        newest = tombstone.lsn();
      }
    }
    return newest.equals(Lsn.INVALID) ? Optional.empty() : Optional.of(newest);
  }
}
