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
 * The layers of one freeze point, with what their files and the manifest need.
 *
 * @param offset the freeze point
 * @param layers one for each timeline that got versions
 * @param lsnsBefore the last LSN of each layer's timeline when the layer was begun
 * @param lastLsns the last LSN of each timeline whose last LSN has grown since the previous freeze
 *     point
 * @param values the file of the layers' values, owned by this
 * @param heapBytes heap of the layers and the values' buffer, counted in a {@link MemoryBudget}
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

  /** Returns whether only the manifest has to be written. */
  boolean isEmpty() {
    return layers.isEmpty();
  }

  /** Returns the last LSN of a layer's timeline when the layer was begun. */
  Lsn lsnBefore(TimelineId timeline) {
    return lsnsBefore.getOrDefault(timeline, Lsn.INVALID);
  }

  /** Returns these layers with a later freeze point, at which no layers were frozen. */
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
