package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.layer.Layer;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.page.Lsn;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Holds the acquired layers of a read of many pages, each with a cursor. For one thread. */
final class LayerSources implements Closeable {
  /** Bytes that a read may hold in blocks that it has read ahead, over all layers. */
  private static final int READ_AHEAD_BYTES = 16 << 20;

  /** How many pieces of a file a cursor may hold. */
  private static final int PIECES = 2;

  /** Upper bound of a read of a file that reads ahead. */
  private static final int MAX_READ_BYTES = 1 << 20;

  /** Makes a layer's cursor. */
  interface CursorMaker {
    VersionCursor cursor(Layer layer, int maxReadBytes) throws IOException;
  }

  private final CursorMaker maker;
  private final CostCounter cost;
  private final List<Source> newestFirst = new ArrayList<>();

  private LayerSources(CursorMaker maker, CostCounter cost) {
    this.maker = maker;
    this.cost = cost;
  }

  /** Acquires the layers that begin at or below an LSN and have some of the keys. */
  static LayerSources acquire(
      LayerMap layers, Lsn asOf, Predicate<Layer> hasKeys, CursorMaker maker, CostCounter cost)
      throws IOException {
    LayerSources sources = new LayerSources(maker, cost);
    boolean acquired = false;
    try {
      for (int number = layers.newestAt(asOf); number >= 0; number--) {
        Layer layer = layers.get(number);
        if (hasKeys.test(layer)) {
          layer.acquire();
          sources.newestFirst.add(sources.new Source(layer, sources.newestFirst.size()));
        } else {
          cost.layerSkipped();
        }
      }
      acquired = true;
      return sources;
    } finally {
      if (!acquired) {
        sources.close();
      }
    }
  }

  List<Source> newestFirst() {
    return newestFirst;
  }

  @Override
  public void close() {
    newestFirst.forEach(source -> source.layer.release());
  }

  /** A layer and its cursor. */
  final class Source {
    private final Layer layer;
    private final int age;
    private @Nullable VersionCursor cursor;

    Source(Layer layer, int age) {
      this.layer = layer;
      this.age = age;
    }

    Layer layer() {
      return layer;
    }

    /** Returns the layer's place among the sources, 0 for the newest. */
    int age() {
      return age;
    }

    /** Returns the cursor, which is created when it is first needed, as that may open a file. */
    VersionCursor cursor() throws IOException {
      VersionCursor made = cursor;
      if (made == null) {
        int share = READ_AHEAD_BYTES / PIECES / newestFirst.size();
        made = maker.cursor(layer, Math.min(MAX_READ_BYTES, share));
        cursor = made;
        cost.layerAsked();
      }
      return made;
    }
  }
}
