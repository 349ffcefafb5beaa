package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.VisitedLayer;
import io.walstrata.layerstore.internal.layer.Layer;
import io.walstrata.layerstore.internal.layer.LayerGoneException;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Describes and dumps layers and timelines. */
public final class LayerViews {
  private LayerViews() {}

  /** Returns a timeline's layers, oldest first. */
  public static List<LayerDesc> describe(LayerMap layers) {
    List<LayerDesc> descs = new ArrayList<>();
    for (int number = 0; number < layers.size(); number++) {
      descs.add(describe(layers.get(number)));
    }
    return descs;
  }

  static LayerDesc describe(Layer layer) {
    LayerDesc.State before = layer.visited().state();
    LayerDesc desc = describe(layer, before);
    // The writer may freeze the layer meanwhile, but only once.
    LayerDesc.State after = layer.visited().state();
    return after == before ? desc : describe(layer, after);
  }

  private static LayerDesc describe(Layer layer, LayerDesc.State state) {
    return new LayerDesc(
        layer.timeline(),
        state,
        layer.displayName(),
        layer.keyRange(),
        layer.lsnRange(),
        layer.startOffset(),
        layer.endOffset(),
        layer.versions(),
        layer.tombstones(),
        layer.sizeBytes(),
        layer.freezeReason());
  }

  /** Describes layers as they are now. */
  static List<VisitedLayer> visited(List<Layer> layers) {
    VisitedLayer[] visited = new VisitedLayer[layers.size()];
    for (int number = 0; number < visited.length; number++) {
      visited[number] = layers.get(number).visited();
    }
    return Collections.unmodifiableList(Arrays.asList(visited));
  }

  public static TimelineInfo info(TimelineState timeline) {
    Lsn lastLsn = timeline.lastLsn();
    LayerMap layers = timeline.layers();
    return new TimelineInfo(
        timeline.id(),
        layers.firstLsn(),
        lastLsn,
        timeline.durableLsn(),
        layers.size(),
        layers.versions(),
        layers.sizeBytes(),
        layers.durableDigest());
  }

  /** Passes one line per layer, each followed by those of its tombstones and versions. */
  public static void dump(
      Supplier<TimelineState> current, ValueDescriber describer, Consumer<String> lines)
      throws IOException {
    // Layers are taken one after the other, so that a file that is gone can be looked for under its
    // new name: by the log offset where it begins, which does not change with the layer's state.
    long done = -1;
    LayerMap layers = current.get().layers();
    int number = layers.firstStartingAfter(done);
    while (number < layers.size()) {
      Layer layer = layers.get(number);
      if (isAcquired(layer)) {
        try {
          LayerDump.dump(layer, describer, lines);
        } finally {
          layer.release();
        }
        done = layer.startOffset();
      }
      layers = current.get().layers();
      number = layers.firstStartingAfter(done);
    }
  }

  private static boolean isAcquired(Layer layer) {
    try {
      layer.acquire();
      return true;
    } catch (LayerGoneException e) {
      return false;
    }
  }
}
