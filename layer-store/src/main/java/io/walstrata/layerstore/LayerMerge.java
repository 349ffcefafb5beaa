package io.walstrata.layerstore;

import io.walstrata.layerstore.format.CostCounter;
import io.walstrata.layerstore.layer.LayerMap;
import io.walstrata.layerstore.layer.ReconstructState;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Goes through the pages of a key range over all layers, by ascending key. For one thread. */
final class LayerMerge implements Closeable {
  /*
   * A merge of the layers' keys through a queue. A layer waits in it with a key that it has, or
   * with one below which it has none: so a layer whose keys are far away is not opened until the
   * read comes there, and a block is not read before a key from it is needed.
   */
  private static final class Head implements Comparable<Head> {
    private final LayerSources.Source source;
    private PageKey key;
    private boolean hasKey; // or else none below

    Head(LayerSources.Source source, PageKey key) {
      this.source = source;
      this.key = key;
    }

    /** By key; at the same key, layers that are to be asked for theirs, then newest first. */
    @Override
    public int compareTo(Head other) {
      int order = key.compareTo(other.key);
      if (order == 0) {
        order = Boolean.compare(hasKey, other.hasKey);
      }
      return order != 0 ? order : source.isNewerThan(other.source) ? -1 : 1;
    }
  }

  private final KeyRange keys;
  private final Lsn asOf;
  private final CostCounter cost;
  private final LayerSources sources;
  private final List<LayerSources.Source> withTombstones = new ArrayList<>(); // newest first
  private final PriorityQueue<Head> heads = new PriorityQueue<>();
  private final List<Head> current = new ArrayList<>(); // have the current key; newest first

  LayerMerge(LayerMap layers, KeyRange keys, Lsn asOf, CostCounter cost) throws IOException {
    this.keys = keys;
    this.asOf = asOf;
    this.cost = cost;
    sources =
        LayerSources.acquire(
            layers,
            asOf,
            layer -> layer.keyRange().overlaps(keys),
            (layer, maxReadBytes) -> layer.cursor(keys, maxReadBytes, cost),
            cost);
    for (LayerSources.Source source : sources.newestFirst()) {
      PageKey start = source.layer().keyRange().startKey();
      heads.add(new Head(source, start.compareTo(keys.startKey()) > 0 ? start : keys.startKey()));
      if (source.layer().tombstones() > 0) {
        withTombstones.add(source);
      }
    }
  }

  /** Moves on to the next key that any layer has; returns false at the end. */
  boolean next() throws IOException {
    for (Head head : current) {
      head.key = head.key.next();
      head.hasKey = false;
      putBack(head);
    }
    current.clear();
    askForKeys();
    Head first = heads.peek();
    PageKey key = first == null ? PageKey.MAX : first.key;
    while (first != null && first.key.equals(key)) {
      current.add(heads.remove());
      first = heads.peek();
    }
    return !current.isEmpty();
  }

  /** Asks layers for their keys until the first in the queue has one. */
  private void askForKeys() throws IOException {
    for (Head first = heads.peek(); first != null && !first.hasKey; first = heads.peek()) {
      heads.remove();
      PageKey found = first.source.cursor().ceiling(first.key);
      if (found != null) {
        first.key = found;
        first.hasKey = true;
        putBack(first);
      }
    }
  }

  private void putBack(Head head) {
    if (head.key.compareTo(keys.endKey()) < 0) {
      heads.add(head);
    }
  }

  /** Reads the page of the current key. */
  ReconstructState read() throws IOException {
    ReconstructState state = new ReconstructState(current.get(0).key, asOf, cost);
    int asked = 0; // of those with tombstones
    for (Head head : current) {
      asked = takeTombstones(state, asked, head.source);
      if (state.isOver(head.source.layer())) {
        return state;
      }
      state.ask(head.source.layer(), head.source.cursor());
    }
    takeTombstones(state, asked, null);
    return state;
  }

  /** Takes the tombstones of layers that are newer than one. */
  private int takeTombstones(ReconstructState state, int first, LayerSources.@Nullable Source older)
      throws IOException {
    int next = first;
    while (next < withTombstones.size()
        && (older == null || withTombstones.get(next).isNewerThan(older))
        && !state.isOver(withTombstones.get(next).layer())) {
      if (withTombstones.get(next).layer().covers(state.key())) {
        state.takeTombstone(withTombstones.get(next).layer());
      }
      next++;
    }
    return next;
  }

  /** Returns whether there is any version of the current page, be it hidden or not. */
  boolean wasWritten() throws IOException {
    boolean[] found = new boolean[1];
    for (int i = 0; i < current.size() && !found[0]; i++) {
      Head head = current.get(i);
      head.source
          .cursor()
          .descend(
              head.key,
              asOf,
              Lsn.INVALID,
              (key, lsn, value) -> {
                found[0] = true;
                return false;
              });
    }
    return found[0];
  }

  @Override
  public void close() {
    sources.close();
  }
}
