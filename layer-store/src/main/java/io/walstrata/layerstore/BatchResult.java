package io.walstrata.layerstore;

import java.util.List;

/**
 * The outcome of putting a batch.
 *
 * @param added versions that are in the open layer
 * @param duplicates versions whose (key, LSN) a layer had already; that one is kept
 * @param lateEntries indexes of versions whose LSN is below the timeline's last one and that are in
 *     no layer; empty if there are none
 */
public record BatchResult(int added, int duplicates, List<Integer> lateEntries) {}
