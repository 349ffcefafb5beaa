package io.walstrata.layerstore.internal.write;

import io.walstrata.layerstore.MemoryBudget;
import io.walstrata.layerstore.internal.layer.FrozenLayer;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that one freeze point froze.
 *
 * @param offset the freeze point
 * @param layers one for each timeline that got versions
 * @param lsnsBefore the last LSN of each layer's timeline when the layer was begun
 * @param movedLsns the last LSN of each timeline that moved on
 * @param values what the layers' values are in; the generation owns it
 * @param heapBytes what the layers and the values' buffer take of a {@link MemoryBudget}
 * @param valueBytes bytes of the values
 */
public record Generation(
    long offset,
    List<FrozenLayer> layers,
    Map<TimelineId, Lsn> lsnsBefore,
    Map<TimelineId, Lsn> movedLsns,
    Optional<EphemeralFile> values,
    long heapBytes,
    long valueBytes) {

  /** Returns whether there is nothing to write but the manifest. */
  boolean isEmpty() {
    return layers.isEmpty();
  }

  /** Returns the last LSN of a layer's timeline when the layer was begun. */
  Lsn lsnBefore(TimelineId timeline) {
    return lsnsBefore.getOrDefault(timeline, Lsn.INVALID);
  }

  /** Returns this with the freeze point of a later generation that holds no layers. */
  Generation followedBy(Generation later) {
    Map<TimelineId, Lsn> lsns = new HashMap<>(movedLsns);
    lsns.putAll(later.movedLsns);
    later.release();
    return new Generation(
        later.offset, layers, lsnsBefore, lsns, values, heapBytes + later.heapBytes, valueBytes);
  }

  /** Lets go of the values. */
  public void release() {
    values.ifPresent(EphemeralFile::release);
  }
}
