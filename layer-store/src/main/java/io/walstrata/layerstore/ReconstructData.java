package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a read returns before redo: the newest base at or below an LSN, and the WAL records after
 * it.
 *
 * @param timeline the timeline that was read
 * @param key the page that was read
 * @param asOf the LSN that was asked for, inclusive
 * @param firstLsn where the timeline's history begins, see {@link TimelineInfo}
 * @param lastLsn the timeline's last LSN when the read began
 * @param status how the read ended
 * @param base the image to start from; null if the first record builds the page from nothing, or if
 *     there is no image
 * @param records the WAL records to apply, oldest first; a {@code will_init} record is only ever
 *     the first
 * @param droppedAt the LSN of the tombstone at which the read ended: it hides all versions at or
 *     below it; null if the read ended at a base or at the start of history
 * @param layersVisited the layers that were asked for versions of the key, newest first
 * @param cost the cost of the read; in a read of many pages, the cost since the previous page
 */
public record ReconstructData(
    TimelineId timeline,
    PageKey key,
    Lsn asOf,
    Lsn firstLsn,
    Lsn lastLsn,
    Status status,
    @Nullable Version base,
    List<Version> records,
    @Nullable Lsn droppedAt,
    List<VisitedLayer> layersVisited,
    ReadCost cost) {

  /** How a read ended. */
  public enum Status {
    /** There is a base: redo gives the page. */
    COMPLETE,
    /**
     * There are records, but no base to apply them to: history starts after the base, or the page
     * was dropped before the first of them.
     */
    INCOMPLETE,
    /** The page was dropped and not written since. */
    DROPPED,
    /**
     * History has neither a version nor a tombstone of the page at or below the LSN. The page may
     * be older than {@code firstLsn}, or may not exist: that is unknown.
     */
    BEFORE_HISTORY
  }
}
