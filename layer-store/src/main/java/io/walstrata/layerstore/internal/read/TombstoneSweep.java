package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.internal.memory.TombstoneSpan;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Finds, for ascending keys, the newest tombstone of many layers. For one thread. */
final class TombstoneSweep {
  /*
   * The layers follow each other by LSN, so the newest layer with a tombstone over a key has the
   * newest one. Only that layer is of interest up to the end of its tombstone: older
   * layers are not read before. A layer that has none at a key returns where its next one begins,
   * and waits until the sweep is there. So a key costs what begins or ends at it, whatever the number
   * of layers.
   */
  /** A layer's tombstones. */
  @FunctionalInterface
  interface Spans {
    TombstoneSpan at(PageKey key) throws IOException;
  }

  private static final class Part {
    private final int age;
    private final Spans spans;
    private PageKey endKey; // of what is known
    private PageKey coveredUpTo; // from the key on that was asked for
    private Lsn newest = Lsn.INVALID;

    Part(int age, Spans spans, PageKey endKey) {
      this.age = age;
      this.spans = spans;
      this.endKey = endKey;
      this.coveredUpTo = endKey;
    }

    boolean isBehind(PageKey key) {
      return endKey.compareTo(key) > 0;
    }
  }

  private final PriorityQueue<Part> waiting =
      new PriorityQueue<>(Comparator.comparing((Part part) -> part.endKey));
  private final PriorityQueue<Part> toAsk =
      new PriorityQueue<>(Comparator.comparingInt((Part part) -> part.age));
  private @Nullable Part covering; // the key; no newer one does that was asked

  /**
   * Adds a layer.
   *
   * @param age the higher the older; each once
   * @param startKey no tombstone covers a key below
   */
  void add(int age, PageKey startKey, Spans spans) {
    waiting.add(new Part(age, spans, startKey));
  }

  /**
   * Returns the LSN of the newest tombstone over a key in layers up to an age, inclusive; {@link
   * Lsn#INVALID} if there is none. Asks no layer that is older.
   *
   * @param key not below that of the call before
   */
  Lsn newest(PageKey key, int maxAge) throws IOException {
    moveTo(key);
    while (isToAsk(maxAge)) {
      Part part = toAsk.remove();
      TombstoneSpan span = part.spans.at(key);
      part.newest = span.newest();
      part.endKey = span.endKey();
      part.coveredUpTo = span.coveredUpTo();
      if (part.newest.equals(Lsn.INVALID)) {
        waiting.add(part);
      } else {
        cover(part);
      }
    }
    Part found = covering;
    return found == null || found.age > maxAge ? Lsn.INVALID : found.newest;
  }

  /**
   * Returns up to where all that a layer has from a key on is hidden, by tombstones of a newer
   * layer; null if the key is not.
   *
   * @param key not below that of the call before
   */
  @Nullable PageKey hiddenUpTo(PageKey key, int age) throws IOException {
    boolean isHidden = !newest(key, age - 1).equals(Lsn.INVALID);
    Part found = covering;
    return isHidden && found != null ? found.coveredUpTo : null;
  }

  private void moveTo(PageKey key) {
    for (Part first = waiting.peek();
        first != null && !first.isBehind(key);
        first = waiting.peek()) {
      toAsk.add(waiting.remove());
    }
    Part last = covering;
    if (last != null && !last.isBehind(key)) {
      cover(null);
    }
  }

  private void cover(@Nullable Part part) {
    Part before = covering;
    if (before != null) {
      toAsk.add(before);
    }
    covering = part;
  }

  private boolean isToAsk(int maxAge) {
    Part first = toAsk.peek();
    Part found = covering;
    return first != null && first.age <= maxAge && (found == null || first.age < found.age);
  }
}
