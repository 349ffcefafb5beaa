package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Value;
import org.jspecify.annotations.Nullable;

/**
 * What became of a page at one LSN.
 *
 * @param lsn when
 * @param value what was written; null if nothing was, and the page was only dropped
 * @param isDropped whether the page was dropped; what was written at the same LSN is hidden then
 */
public record HistoryEntry(Lsn lsn, @Nullable Value value, boolean isDropped) {}
