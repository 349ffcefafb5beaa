package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.home.LayerFileName;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.TimelineId;

/**
 * The facts that a delta layer file's footer states.
 *
 * @param version format version
 * @param timeline whose versions it holds
 * @param keyRange from the first key, inclusive, to the end of the last, exclusive; tombstones
 *     included
 * @param lsnRange from the first LSN, inclusive, to the one after the last, exclusive
 * @param startOffset the first log offset whose versions the layer may hold
 * @param endOffset the first log offset after those
 * @param versions number of versions
 * @param keys number of distinct keys among the versions
 * @param tombstones number of tombstones
 * @param valueBytes sum of the values' lengths
 * @param blocks number of blocks
 * @param contentDigest the digest of the versions and tombstones, see {@link ContentDigest}
 * @param indexPosition where the blocks end and the block index starts
 * @param tombstonesPosition where the tombstones start
 * @param filterPosition where the key filter starts
 * @param footerPosition where the footer starts
 * @param fileLength length of the whole file
 */
public record DeltaLayerFooter(
    int version,
    TimelineId timeline,
    KeyRange keyRange,
    LsnRange lsnRange,
    long startOffset,
    long endOffset,
    long versions,
    long keys,
    long tombstones,
    long valueBytes,
    long blocks,
    long contentDigest,
    long indexPosition,
    long tombstonesPosition,
    long filterPosition,
    long footerPosition,
    long fileLength) {

  /** Returns the name that the file has in a home. */
  public LayerFileName fileName() {
    return new LayerFileName(keyRange, lsnRange, endOffset);
  }
}
