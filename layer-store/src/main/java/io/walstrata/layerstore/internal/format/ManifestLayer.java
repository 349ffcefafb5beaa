package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.home.LayerFileName;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.TimelineId;

/**
 * The manifest's entry for a layer file.
 *
 * @param timeline whose versions it holds
 * @param keyRange from the first key, inclusive, to the end of the last, exclusive
 * @param lsnRange from the first LSN, inclusive, to the one after the last, exclusive
 * @param startOffset the first log offset whose versions the layer may hold
 * @param endOffset the first log offset after those
 * @param versions number of versions
 * @param tombstones number of tombstones
 * @param sizeBytes length of the file
 * @param contentDigest the digest of the versions and tombstones, see {@link ContentDigest}
 * @param lsnBefore the timeline's last LSN when the layer was begun, {@link Lsn#INVALID} if it had
 *     none: its last LSN after a repair that removes this layer and those after it. Not in the file
 * @param freezeReason why the layer ends where it does. Not in the file, so that files of the same
 *     content and ranges are the same
 */
public record ManifestLayer(
    TimelineId timeline,
    KeyRange keyRange,
    LsnRange lsnRange,
    long startOffset,
    long endOffset,
    long versions,
    long tombstones,
    long sizeBytes,
    long contentDigest,
    Lsn lsnBefore,
    FreezeReason freezeReason) {

  /** Returns the entry for a file with this footer. */
  public static ManifestLayer of(
      DeltaLayerFooter footer, Lsn lsnBefore, FreezeReason freezeReason) {
    return new ManifestLayer(
        footer.timeline(),
        footer.keyRange(),
        footer.lsnRange(),
        footer.startOffset(),
        footer.endOffset(),
        footer.versions(),
        footer.tombstones(),
        footer.fileLength(),
        footer.contentDigest(),
        lsnBefore,
        freezeReason);
  }

  /** Returns the highest LSN of a version or tombstone. */
  public Lsn lastLsn() {
    return Lsn.of(lsnRange.endLsn().value() - 1);
  }

  public LayerFileName fileName() {
    return new LayerFileName(keyRange, lsnRange, endOffset);
  }

  /** Returns the file's name in a home. */
  public LayerPath path() {
    return new LayerPath(timeline, fileName());
  }
}
