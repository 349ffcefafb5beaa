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
 * The durable state of a partition: its layers, the last log offset that they cover, and its
 * owner's epoch. Immutable.
 *
 * @param epoch the number of owners so far; 0 if it never had one
 * @param durableOffset the last log offset that the layers cover; empty if none
 * @param lastLsns each timeline's last LSN, as of that offset
 * @param layers by timeline, then oldest first
 */
public record Manifest(
    long epoch,
    OptionalLong durableOffset,
    SortedMap<TimelineId, Lsn> lastLsns,
    List<ManifestLayer> layers) {
  static final Comparator<ManifestLayer> ORDER =
      Comparator.comparing(ManifestLayer::timeline).thenComparing(ManifestLayer::endOffset);

  /** The manifest of a partition that never had an owner. */
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
   * Returns the manifest as it was at the last freeze point before a log offset at which layers
   * were frozen. Timelines without versions from there on keep their last LSN, which may be greater
   * than it was then by progress that is read again.
   */
  public Manifest before(long offset) {
    List<ManifestLayer> kept =
        layers.stream().filter(layer -> layer.endOffset() <= offset).toList();
    SortedMap<TimelineId, Lsn> lsns = new TreeMap<>(lastLsns);
    Set<TimelineId> reset = new HashSet<>();
    for (ManifestLayer layer : layers) {
      // the oldest layer of each timeline that is removed
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
