package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;

/**
 * What a layer's tombstones say of a key, and of those after it.
 *
 * @param newest the LSN of the newest tombstone that covers the key; {@link Lsn#INVALID} if none
 *     does
 * @param endKey up to where that is so, exclusive
 * @param coveredUpTo up to where every key is covered by some tombstone, exclusive, or is by none
 *     if the key is not; not before {@code endKey}, and it may be so for longer
 */
public record TombstoneSpan(Lsn newest, PageKey endKey, PageKey coveredUpTo) {
  /** No tombstone counts. */
  static final TombstoneSpan NONE = new TombstoneSpan(Lsn.INVALID, PageKey.MAX, PageKey.MAX);
}
