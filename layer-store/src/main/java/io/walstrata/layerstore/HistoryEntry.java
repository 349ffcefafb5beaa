package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Value;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a page at one LSN: one item of its history.
 *
 * @param lsn the LSN
 * @param value the value that was written; null if the page was only dropped
 * @param isDropped whether a tombstone covers the page at this LSN; it hides a value of the same
 *     LSN
 */
public record HistoryEntry(Lsn lsn, @Nullable Value value, boolean isDropped) {}
