package io.walstrata.layerstore;

import java.util.List;

/**
 * What became of a batch.
 *
 * @param added versions that are in the open layer
 * @param replaced versions whose (key, LSN) the open layer had; the later value is kept
 * @param duplicates versions that a frozen or delta layer has already
 * @param lateEntries indexes of versions that came too late and are in no layer; empty when all is
 *     well
 */
public record BatchResult(int added, int replaced, int duplicates, List<Integer> lateEntries) {}
