package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is durable of a partition: its layers, how far they cover the log, and who owns it.
 * Immutable.
 *
 * @param epoch counts the owners; 0 if nobody ever owned it
 * @param durableOffset the last log offset that the layers cover; empty if none
 * @param lastLsns how far each timeline is, as of that offset
 * @param layers by timeline, then oldest first
 */
public record Manifest(
    long epoch,
    OptionalLong durableOffset,
    SortedMap<TimelineId, Lsn> lastLsns,
    List<ManifestLayer> layers) {
  static final Comparator<ManifestLayer> ORDER =
      Comparator.comparing(ManifestLayer::timeline).thenComparing(ManifestLayer::endOffset);

  /** Of a partition that nobody ever owned. */
  public static final Manifest EMPTY =
      new Manifest(0, OptionalLong.empty(), new TreeMap<>(), List.of());

  public Manifest {
    lastLsns = Collections.unmodifiableSortedMap(new TreeMap<>(lastLsns));
    layers = layers.stream().sorted(ORDER).toList();
  }

  public Manifest withEpoch(long epoch) {
    return new Manifest(epoch, durableOffset, lastLsns, layers);
  }

  /** Returns the manifest after a freeze point. */
  public Manifest withFreeze(
      long offset, Map<TimelineId, Lsn> movedLsns, Collection<ManifestLayer> newLayers) {
    SortedMap<TimelineId, Lsn> lsns = new TreeMap<>(lastLsns);
    lsns.putAll(movedLsns);
    List<ManifestLayer> all = new ArrayList<>(layers);
    all.addAll(newLayers);
    return new Manifest(epoch, OptionalLong.of(offset), lsns, all);
  }

  /**
   * Returns the manifest as it was at the last freeze point that gave layers and lies before a log
   * offset. Timelines that got no versions from there on keep their last LSN: it may be ahead then,
   * by progress marks that are read again.
   */
  public Manifest before(long offset) {
    List<ManifestLayer> kept =
        layers.stream().filter(layer -> layer.endOffset() <= offset).toList();
    SortedMap<TimelineId, Lsn> lsns = new TreeMap<>(lastLsns);
    Set<TimelineId> reset = new HashSet<>();
    for (ManifestLayer layer : layers) {
      // Of each timeline the oldest that goes.
      if (layer.endOffset() > offset && reset.add(layer.timeline())) {
        if (layer.lsnBefore().isValid()) {
          lsns.put(layer.timeline(), layer.lsnBefore());
        } else {
          lsns.remove(layer.timeline());
        }
      }
    }
    OptionalLong end = kept.stream().mapToLong(ManifestLayer::endOffset).max();
    OptionalLong durable = end.isPresent() ? OptionalLong.of(end.getAsLong() - 1) : end;
    return new Manifest(epoch, durable, lsns, kept);
  }
}
