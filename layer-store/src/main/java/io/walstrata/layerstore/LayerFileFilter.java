package io.walstrata.layerstore;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;

/**
 * Which tombstones and versions of a layer file are meant. Immutable.
 *
 * @param keys of versions; tombstones count that drop one of them
 * @param fromLsn lowest LSN, inclusive
 * @param toLsn highest LSN, inclusive
 */
public record LayerFileFilter(KeyRange keys, Lsn fromLsn, Lsn toLsn) {
  /** Everything. */
  public static final LayerFileFilter ALL = new LayerFileFilter(KeyRange.ALL, Lsn.INVALID, Lsn.MAX);

  /** Returns whether a layer may hold any of it. */
  boolean mayConcern(LayerDesc layer) {
    return layer.keyRange().overlaps(keys)
        && !layer.lsnRange().startLsn().isAfter(toLsn)
        && layer.lsnRange().endLsn().isAfter(fromLsn);
  }

  /** Returns whether an LSN is inside. */
  public boolean contains(Lsn lsn) {
    return !lsn.isBefore(fromLsn) && !lsn.isAfter(toLsn);
  }
}
