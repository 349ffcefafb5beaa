package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.redo.RedoResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a read returns after redo: the page as of an LSN, or why there is none.
 *
 * @param timeline the timeline that was read
 * @param key the page that was read
 * @param asOf the LSN that was asked for, inclusive
 * @param firstLsn where the timeline's history begins, see {@link TimelineInfo}
 * @param lastLsn the timeline's last LSN when the read began
 * @param result the page, whose bytes the caller may change, or why there is none
 * @param baseLsn the LSN of the image or of the cached page that redo started from, or of the
 *     record that builds the page from nothing; null if there is none
 * @param newestLsn the LSN of the newest version of the page at or below {@code asOf}; null if
 *     there is none
 * @param droppedAt as in {@link ReconstructData}
 * @param isFromCache whether redo started from a page that an earlier read made
 * @param layersVisited the layers that were asked for versions of the key, newest first; not those
 *     of other pages that redo needed
 * @param cost the cost of the read, other pages that redo needed included; in a read of many pages,
 *     the cost since the previous page
 */
public record PageRead(
    TimelineId timeline,
    PageKey key,
    Lsn asOf,
    Lsn firstLsn,
    Lsn lastLsn,
    RedoResult result,
    @Nullable Lsn baseLsn,
    @Nullable Lsn newestLsn,
    @Nullable Lsn droppedAt,
    boolean isFromCache,
    List<VisitedLayer> layersVisited,
    ReadCost cost) {

  /** Returns how many records were replayed on the base; 0 if there is no page. */
  public int recordsApplied() {
    return result instanceof RedoResult.Page page ? page.recordsApplied() : 0;
  }
}
