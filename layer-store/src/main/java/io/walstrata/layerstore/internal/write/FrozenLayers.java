package io.walstrata.layerstore.internal.write;

import io.walstrata.layerstore.MemoryBudget;
import io.walstrata.layerstore.internal.layer.InMemoryLayer;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The layers that one freeze point froze, with what their files and the manifest need.
 *
 * @param offset the freeze point
 * @param layers one for each timeline that got versions
 * @param lsnsBefore the last LSN of each layer's timeline when the layer was begun
 * @param lastLsns the last LSN of each timeline that has progressed since the freeze point before
 * @param values what the layers' values are in; these own it
 * @param heapBytes what the layers and the values' buffer take of a {@link MemoryBudget}
 * @param valueBytes bytes of the values
 */
public record FrozenLayers(
    long offset,
    List<InMemoryLayer> layers,
    Map<TimelineId, Lsn> lsnsBefore,
    Map<TimelineId, Lsn> lastLsns,
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

  /** Returns this with a later freeze point at which no layers were frozen. */
  FrozenLayers followedBy(FrozenLayers later) {
    Map<TimelineId, Lsn> lsns = new HashMap<>(lastLsns);
    lsns.putAll(later.lastLsns);
    later.release();
    return new FrozenLayers(
        later.offset, layers, lsnsBefore, lsns, values, heapBytes + later.heapBytes, valueBytes);
  }

  /** Releases the values. */
  public void release() {
    values.ifPresent(EphemeralFile::release);
  }
}
