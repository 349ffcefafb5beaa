package io.walstrata.layerstore;

import java.util.List;

/**
 * What became of a batch.
 *
 * @param added versions that are in the open layer
 * @param duplicates versions whose (key, LSN) a layer had already; that one is kept
 * @param lateEntries indexes of versions that came too late and are in no layer; empty when all is
 *     well
 */
public record BatchResult(int added, int duplicates, List<Integer> lateEntries) {}
