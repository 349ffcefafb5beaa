package io.walstrata.layerstore;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.TimelineId;
import org.jspecify.annotations.Nullable;

/**
 * A layer's state and extent at the moment of the call.
 *
 * @param timeline whose versions it holds
 * @param state open, frozen or delta
 * @param name the display name; of a delta layer, the file name
 * @param keyRange from the first key, inclusive, to the end of the last, exclusive; tombstones
 *     included
 * @param lsnRange from the first LSN, inclusive, to the one after the last, exclusive
 * @param startOffset the first log offset whose versions the layer may hold
 * @param endOffset the first log offset after those
 * @param versions number of versions
 * @param tombstones number of tombstones
 * @param sizeBytes bytes of values for an open or frozen layer, of the file for a delta layer
 * @param freezeReason why it ends where it does; null if it is open, or known from its file alone
 */
public record LayerDesc(
    TimelineId timeline,
    State state,
    String name,
    KeyRange keyRange,
    LsnRange lsnRange,
    long startOffset,
    long endOffset,
    long versions,
    long tombstones,
    long sizeBytes,
    @Nullable FreezeReason freezeReason) {

  /** The states of a layer, in the order in which it passes through them. */
  public enum State {
    /** Takes new versions. */
    OPEN,
    /** Takes no more versions; its delta file is being written. */
    FROZEN,
    /** A file, named by the manifest. */
    DELTA
  }
}
