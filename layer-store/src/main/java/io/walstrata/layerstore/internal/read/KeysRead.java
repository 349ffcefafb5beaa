package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.ReadEnd;
import io.walstrata.layerstore.ReadVisitor;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.layer.Layer;
import io.walstrata.layerstore.internal.layer.LayerGoneException;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Reads many pages as of one LSN, in the order of their keys. For one thread, once. */
public final class KeysRead {
  /*
   * Each page is read as a single one is, but with cursors: as keys ascend, each layer is read
   * once, from front to back, and its cursor knows which keys come next.
   */
  private final Supplier<TimelineState> current;
  private final List<PageKey> keys;
  private final Lsn asOf;
  private final ReadVisitor<? super ReconstructData> visitor;
  private final KnownPages known;
  private final CostCounter cost;
  private ReadCost costBefore = ReadCost.NONE;
  private int done;

  public KeysRead(
      Supplier<TimelineState> current,
      Collection<PageKey> keys,
      Lsn asOf,
      ReadVisitor<? super ReconstructData> visitor) {
    this(current, keys, asOf, visitor, KnownPages.NONE, new CostCounter());
  }

  public KeysRead(
      Supplier<TimelineState> current,
      Collection<PageKey> keys,
      Lsn asOf,
      ReadVisitor<? super ReconstructData> visitor,
      KnownPages known,
      CostCounter cost) {
    this.current = current;
    this.keys = List.copyOf(new TreeSet<>(keys));
    this.asOf = asOf;
    this.visitor = visitor;
    this.known = known;
    this.cost = cost;
  }

  public ReadEnd<PageKey> run() throws IOException {
    while (true) {
      TimelineState timeline = current.get();
      Reads.checkReached(timeline, asOf);
      try {
        readRest(timeline);
        Optional<PageKey> next =
            done < keys.size() ? Optional.of(keys.get(done)) : Optional.empty();
        return new ReadEnd<>(done, next, cost.cost());
      } catch (LayerGoneException e) {
        // Continues with the same key.
      }
    }
  }

  private void readRest(TimelineState timeline) throws IOException {
    try (LayerSources sources =
        LayerSources.acquire(timeline.layers(), asOf, this::hasKeys, this::cursor, cost)) {
      boolean more = true;
      while (more && done < keys.size()) {
        PageKey key = keys.get(done);
        ReconstructState state =
            new ReconstructState(key, asOf, known.find(timeline, key, asOf), cost);
        collect(sources, state);
        ReadCost costNow = cost.cost();
        ReconstructData page = Reads.result(timeline, state, costNow.since(costBefore));
        costBefore = costNow;
        done++;
        more = visitor.visit(page);
      }
    }
  }

  private boolean hasKeys(Layer layer) {
    KeyRange range = layer.keyRange();
    int found = Collections.binarySearch(keys, range.startKey());
    int first = Math.max(done, found >= 0 ? found : -found - 1);
    return first < keys.size() && keys.get(first).compareTo(range.endKey()) < 0;
  }

  private VersionCursor cursor(Layer layer, int maxReadBytes) throws IOException {
    return layer.cursor(keys, asOf, maxReadBytes, cost);
  }

  private static void collect(LayerSources sources, ReconstructState state) throws IOException {
    for (LayerSources.Source source : sources.newestFirst()) {
      if (state.isOver(source.layer())) {
        return;
      }
      if (source.layer().covers(state.key())) {
        state.ask(source.layer(), source.cursor());
      }
    }
  }
}
