package io.walstrata.layerstore.internal.timeline;

import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.layer.DeltaLayer;
import io.walstrata.layerstore.internal.layer.LayerCache;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.internal.layer.ParallelLayers;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnknownTimelineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Holds the timelines of a store, by id. Any thread may read; the writer adds. */
public final class Timelines {
  /**
   * Heap that an empty timeline takes, in bytes: its state, its place in the map, its last LSN in
   * the manifest and in a freeze point's layers, each as object and as bytes, and once more while
   * the next manifest is written.
   */
  public static final int BYTES_EACH = 512;

  /** Heap that a layer file takes, in bytes, without what is read of it. */
  public static final int BYTES_PER_FILE = 1024;

  private final ConcurrentSkipListMap<TimelineId, TimelineState> states =
      new ConcurrentSkipListMap<>();
  private final AtomicInteger size = new AtomicInteger(); // counting them would visit each

  /**
   * Returns the timelines that a manifest names.
   *
   * @param areChecked whether its files are known to be present and whole, and need not be read
   * @throws io.walstrata.layerstore.page.CorruptLayerException if a layer file is missing or its
   *     header or footer is damaged
   */
  public static Timelines load(
      LayerHome home, Manifest manifest, LayerCache cache, boolean areChecked) throws IOException {
    List<DeltaLayer> layers = new ArrayList<>();
    for (ManifestLayer entry : manifest.layers()) {
      layers.add(new DeltaLayer(home, entry, cache));
    }
    if (!areChecked) {
      ParallelLayers.forEach(layers.size(), number -> layers.get(number).check());
    }
    Map<TimelineId, List<DeltaLayer>> deltas = new HashMap<>();
    for (DeltaLayer layer : layers) {
      deltas.computeIfAbsent(layer.timeline(), id -> new ArrayList<>()).add(layer);
    }
    Timelines timelines = new Timelines();
    manifest
        .lastLsns()
        .forEach(
            (id, lastLsn) ->
                timelines.add(
                    new TimelineState(
                        id, lastLsn, LayerMap.ofDeltas(deltas.getOrDefault(id, List.of())))));
    return timelines;
  }

  public @Nullable TimelineState find(TimelineId id) {
    return states.get(id);
  }

  public TimelineState get(TimelineId id) {
    TimelineState state = states.get(id);
    if (state == null) {
      throw new UnknownTimelineException(id);
    }
    return state;
  }

  /** Adds a timeline unless there is one with its id; returns whether it was added. */
  public boolean add(TimelineState state) {
    boolean isNew = states.putIfAbsent(state.id(), state) == null;
    if (isNew) {
      size.incrementAndGet();
    }
    return isNew;
  }

  /** Returns the number of timelines. */
  public int size() {
    return size.get();
  }

  /** Returns the heap that the timelines and their files take, in bytes. */
  public long heapBytes() {
    long bytes = (long) BYTES_EACH * size();
    for (TimelineState state : states.values()) {
      bytes += (long) BYTES_PER_FILE * state.layers().deltas();
    }
    return bytes;
  }

  /** Returns all timelines, in the order of their ids. */
  public Collection<TimelineState> all() {
    return states.values();
  }

  /** Closes the delta layers. */
  public void close() {
    for (TimelineState state : states.values()) {
      LayerMap layers = state.layers();
      for (int number = 0; number < layers.deltas(); number++) {
        layers.delta(number).close();
      }
    }
  }

  /**
   * Checks each timeline and the number of timelines. For tests, while nothing is put.
   *
   * @throws AssertionError if something is wrong
   */
  public void checkInvariants() {
    states.values().forEach(TimelineState::checkInvariants);
    if (states.size() != size()) {
      throw new AssertionError(
          "wrong number of timelines: size=" + size() + ", timelines=" + states.size());
    }
  }
}
