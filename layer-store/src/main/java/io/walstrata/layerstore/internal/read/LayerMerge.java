package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.DroppedPages;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.layer.Layer;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Version;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Reads the pages of a key range over all layers, by ascending key. For one thread. */
public final class LayerMerge implements Closeable {
  /*
   * Merges the layers' keys through a queue. A layer is in it with a key that it has, or with one
   * below which it has none: so a layer whose keys are far away is not opened until the read is
   * there, and a block is not read before a key from it is needed. Nor is it if the page would be
   * skipped: where a newer tombstone hides what a layer has, the layer is queued with the key after
   * it. That is repeated a few times only: there may be many more tombstones than keys, so then the
   * layer is asked for its next key.
   */
  private static final int MOST_HIDDEN = 8;

  private static final class Head implements Comparable<Head> {
    private final LayerSources.Source source;
    private PageKey key;
    private boolean hasKey; // if not, the layer has no key below `key`
    private int hidden; // how often it was hidden since it was asked for a key

    Head(LayerSources.Source source, PageKey key) {
      this.source = source;
      this.key = key;
    }

    /** Orders by key; at the same key, layers without a known key come first, then newest first. */
    @Override
    public int compareTo(Head other) {
      int order = key.compareTo(other.key);
      if (order == 0) {
        order = Boolean.compare(hasKey, other.hasKey);
      }
      return order != 0 ? order : Integer.compare(source.age(), other.source.age());
    }
  }

  private final KeyRange keys;
  private final Lsn asOf;
  private final DroppedPages dropped;
  private final CostCounter cost;
  private final LayerSources sources;
  private final TombstoneSweep tombstones = new TombstoneSweep();
  private final PriorityQueue<Head> heads = new PriorityQueue<>();
  private final List<Head> current = new ArrayList<>(); // have the current key; newest first

  /**
   * @param dropped whether dropped pages are needed
   */
  public LayerMerge(
      LayerMap layers, KeyRange keys, Lsn asOf, DroppedPages dropped, CostCounter cost)
      throws IOException {
    this.keys = keys;
    this.asOf = asOf;
    this.dropped = dropped;
    this.cost = cost;
    sources =
        LayerSources.acquire(
            layers,
            asOf,
            layer -> layer.keyRange().overlaps(keys),
            (layer, maxReadBytes) -> layer.cursor(keys, maxReadBytes, cost),
            cost);
    for (LayerSources.Source source : sources.newestFirst()) {
      Layer layer = source.layer();
      PageKey first = layer.keyRange().startKey();
      PageKey start = first.compareTo(keys.startKey()) > 0 ? first : keys.startKey();
      if (layer.versions() > 0) {
        heads.add(new Head(source, start));
      }
      if (layer.tombstones() > 0) {
        tombstones.add(source.age(), start, key -> layer.tombstoneSpan(key, asOf, cost));
      }
    }
  }

  /** Moves on to the next key that any layer has; returns false at the end. */
  public boolean next() throws IOException {
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
      PageKey hidden = hiddenUpTo(first);
      if (hidden != null && ++first.hidden < MOST_HIDDEN) {
        first.key = hidden;
        putBack(first);
        continue;
      }
      first.hidden = 0;
      PageKey found = first.source.cursor().ceiling(hidden == null ? first.key : hidden);
      if (found != null) {
        first.key = found;
        first.hasKey = hidden == null;
        putBack(first);
      }
    }
  }

  private @Nullable PageKey hiddenUpTo(Head head) throws IOException {
    return dropped == DroppedPages.SHOW ? null : tombstones.hiddenUpTo(head.key, head.source.age());
  }

  private void putBack(Head head) {
    if (head.key.compareTo(keys.endKey()) < 0) {
      heads.add(head);
    }
  }

  /** Returns the current key. */
  PageKey key() {
    return current.get(0).key;
  }

  /** Reads the page of the current key. */
  public ReconstructState read() throws IOException {
    return read(null);
  }

  /**
   * Reads the page of the current key.
   *
   * @param known a page that redo made before; null for none
   */
  ReconstructState read(@Nullable Version known) throws IOException {
    PageKey key = key();
    ReconstructState state = new ReconstructState(key, asOf, known, cost);
    int age = 0;
    for (int i = 0; i < current.size() && !state.hasBase(); i++) {
      LayerSources.Source source = current.get(i).source;
      if (state.isInKnown(source.layer())) {
        break;
      }
      age = source.age();
      state.tombstone(tombstones.newest(key, age - 1));
      if (state.isDropped()) {
        return state; // and all that is older is hidden
      }
      state.tombstone(tombstones.newest(key, age));
      state.take(source.layer(), source.cursor());
    }
    state.tombstone(tombstones.newest(key, oldestThatCounts(state, age)));
    return state;
  }

  /** Returns the age of the oldest layer whose tombstones count for a page. */
  private int oldestThatCounts(ReconstructState state, int oldestAsked) {
    int last = sources.newestFirst().size() - 1;
    if (!state.hasBase()) {
      return last;
    }
    int age = oldestAsked;
    while (age < last && !state.isOver(sources.newestFirst().get(age + 1).layer())) {
      age++;
    }
    return age;
  }

  /** Returns whether there is any version of the current page, whether hidden or not. */
  boolean wasWritten() throws IOException {
    Head oldest = current.get(current.size() - 1);
    if (!oldest.source.layer().lsnRange().endLsn().isAfter(asOf.next())) {
      return true; // none of its versions is newer than asOf
    }
    boolean[] found = new boolean[1];
    oldest
        .source
        .cursor()
        .descend(
            oldest.key,
            asOf,
            Lsn.INVALID,
            (key, lsn, value) -> {
              found[0] = true;
              return false;
            });
    return found[0];
  }

  @Override
  public void close() {
    sources.close();
  }
}
