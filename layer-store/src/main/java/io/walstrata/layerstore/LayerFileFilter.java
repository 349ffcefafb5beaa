package io.walstrata.layerstore;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;

/**
 * Selects tombstones and versions of a layer file. Immutable.
 *
 * @param keys keys of the versions; a tombstone is selected if it covers one of them
 * @param fromLsn lowest LSN, inclusive
 * @param toLsn highest LSN, inclusive
 */
public record LayerFileFilter(KeyRange keys, Lsn fromLsn, Lsn toLsn) {
  /** Selects everything. */
  public static final LayerFileFilter ALL = new LayerFileFilter(KeyRange.ALL, Lsn.INVALID, Lsn.MAX);

  /** Returns whether a layer may hold anything that is selected. */
  boolean mayConcern(LayerDesc layer) {
    return layer.keyRange().overlaps(keys)
        && !layer.lsnRange().startLsn().isAfter(toLsn)
        && layer.lsnRange().endLsn().isAfter(fromLsn);
  }

  /** Returns whether an LSN is in the selected range. */
  public boolean contains(Lsn lsn) {
    return !lsn.isBefore(fromLsn) && !lsn.isAfter(toLsn);
  }
}
