package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;

/**
 * What a layer's tombstones say of a key, and of those behind it.
 *
 * @param newest the LSN of the newest tombstone that covers the key; {@link Lsn#INVALID} if none
 *     does
 * @param endKey up to where that is so, exclusive
 */
public record DropSpan(Lsn newest, PageKey endKey) {}
