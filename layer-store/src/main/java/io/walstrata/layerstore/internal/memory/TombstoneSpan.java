package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;

/**
 * Which of a layer's tombstones covers a key, and the keys after it.
 *
 * @param newest the LSN of the newest tombstone that covers the key; {@link Lsn#INVALID} if none
 *     does
 * @param endKey key up to which that is the newest one, exclusive
 * @param coveredUpTo key, exclusive, up to which every key is covered by some tombstone if this one
 *     is, and by none if it is not; at or after {@code endKey}, and not necessarily the greatest
 *     such key
 */
public record TombstoneSpan(Lsn newest, PageKey endKey, PageKey coveredUpTo) {
  /** The span if there is no tombstone. */
  static final TombstoneSpan NONE = new TombstoneSpan(Lsn.INVALID, PageKey.MAX, PageKey.MAX);
}
