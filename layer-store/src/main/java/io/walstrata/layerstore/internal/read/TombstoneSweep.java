package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.internal.memory.TombstoneSpan;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Finds, for ascending keys, the newest tombstone in many layers. For one thread. */
final class TombstoneSweep {
  /*
   * Layers are ordered by LSN, so the newest layer with a tombstone over a key has the newest
   * tombstone. Up to that tombstone's end no older layer is read. A layer that has none at a key
   * returns the start of its next one, and waits until the sweep is there. So the cost of a key is
   * the number of tombstones that begin or end at it, whatever the number of layers.
   */
  /** Reads a layer's tombstones. */
  @FunctionalInterface
  interface Spans {
    TombstoneSpan at(PageKey key) throws IOException;
  }

  private static final class Part {
    private final int age;
    private final Spans spans;
    private PageKey endKey; // up to which `newest` is known
    private PageKey coveredUpTo; // from the last key asked on
    private Lsn newest = Lsn.INVALID;

    Part(int age, Spans spans, PageKey endKey) {
      this.age = age;
      this.spans = spans;
      this.endKey = endKey;
      this.coveredUpTo = endKey;
    }

    boolean endsAfter(PageKey key) {
      return endKey.compareTo(key) > 0;
    }
  }

  private final PriorityQueue<Part> waiting =
      new PriorityQueue<>(Comparator.comparing((Part part) -> part.endKey));
  private final PriorityQueue<Part> toAsk =
      new PriorityQueue<>(Comparator.comparingInt((Part part) -> part.age));
  private @Nullable Part covering; // newest tombstone known to cover the current key

  /**
   * Adds a layer.
   *
   * @param age greater for older layers; distinct
   * @param startKey no tombstone covers a key below it
   */
  void add(int age, PageKey startKey, Spans spans) {
    waiting.add(new Part(age, spans, startKey));
  }

  /**
   * Returns the LSN of the newest tombstone over a key in layers up to an age, inclusive; {@link
   * Lsn#INVALID} if there is none. Reads no older layer.
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
   * Returns the key up to which tombstones of a newer layer hide all that a layer has from {@code
   * key} on, exclusive; null if {@code key} is not hidden.
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
        first != null && !first.endsAfter(key);
        first = waiting.peek()) {
      toAsk.add(waiting.remove());
    }
    Part last = covering;
    if (last != null && !last.endsAfter(key)) {
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
