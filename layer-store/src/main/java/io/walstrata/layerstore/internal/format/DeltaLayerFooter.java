package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.home.LayerFileName;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.TimelineId;

/**
 * What a delta layer file says of itself.
 *
 * @param version format version
 * @param timeline whose versions it holds
 * @param keyRange from the first key to behind the last, tombstones included
 * @param lsnRange from the first LSN to behind the last
 * @param startOffset first log offset that the layer may hold versions of
 * @param endOffset first log offset behind those
 * @param versions number of versions
 * @param keys number of distinct keys among the versions
 * @param tombstones number of tombstones
 * @param valueBytes sum of the values' lengths
 * @param blocks number of blocks
 * @param contentDigest what the versions and tombstones add up to, see {@link ContentDigest}
 * @param indexPosition where the block index starts, which is where the blocks end
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
