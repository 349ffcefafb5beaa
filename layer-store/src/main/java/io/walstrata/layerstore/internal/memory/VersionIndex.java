package io.walstrata.layerstore.internal.memory;

import static io.walstrata.layerstore.internal.memory.KeyTable.NONE;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ValueBatch;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Maps (key, LSN) to the {@link PackedPosition} of the value, for a layer in memory. One thread
 * puts, any number reads, and neither waits for the other.
 */
public final class VersionIndex {
  /*
   * A hash table of the keys, and for each a list of its versions: a put is one look-up and two
   * writes at the end of the list. The keys are sorted when a reader or the flusher needs their
   * order: for most layers once, when the file is written.
   *
   * Where memory is slow, the cost of a put is what it reads. Nearly all have an LSN above all
   * earlier ones, so that the key's list need not be searched.
   *
   * A batch is put in groups: first all keys of a group are looked up, then the ends of their lists
   * are read, then the versions are put. The loads of one step do not depend on each other, so that
   * the processor waits for several cache misses at one time; one put after the other, it would
   * wait for each. Measured with 1.6 million keys in no order, in batches of 16: 140 ns of
   * processor time a version instead of 210; keys in order cost the same either way. What a look-up
   * returned is not used outside this class.
   */

  /** Receives versions one after the other, each as its primitive parts. */
  @FunctionalInterface
  public interface Visitor {
    /** Receives a version; returns whether to continue. */
    boolean visit(long keyHigh, long keyLow, long lsn, long packedPosition) throws IOException;

    /** Called with a version that is going to be visited soon, so that its value can be fetched. */
    default void expect(long packedPosition) {}
  }

  /**
   * Number of versions that are announced to a visitor ahead, and of keys that are looked up before
   * their puts: more cache misses than a processor has in flight at one time.
   */
  private static final int AHEAD = 32;

  private static final int[] NOTHING = {};

  private final LayerTotals totals;
  private final KeyTable keys;
  private final VersionLists lists;
  private final KeyOrder order;
  private int[] sought = NOTHING; // look-ups of a group; the writer's own, NOTHING until a batch

  @SuppressWarnings("UnusedVariable") // not used: keeps the compiler from removing loads
  private long touched;

  public VersionIndex(LayerTotals totals) {
    this(totals, new KeyTable(totals), new VersionLists());
  }

  /** Creates an index over a table and lists, whose bounds it has. */
  VersionIndex(LayerTotals totals, KeyTable keys, VersionLists lists) {
    this.totals = totals;
    this.keys = keys;
    this.lists = lists;
    order = new KeyOrder(keys);
  }

  /**
   * Puts a version; returns false if there is one of this key and LSN, which is not replaced.
   *
   * @throws IllegalArgumentException if the key has a newer version, but none of this LSN
   * @throws IllegalStateException if the index has the maximum number of keys or versions; it is
   *     not changed
   */
  public boolean put(long keyHigh, long keyLow, long lsn, long packedPosition) {
    return put(NONE, keyHigh, keyLow, lsn, packedPosition);
  }

  /**
   * Puts versions of a batch; returns how many are new. Throws as {@link #put} does; the versions
   * before are put then.
   *
   * @param from the first entry to put
   * @param to the entry after the last to put
   * @param basePosition position in the ephemeral file at which the values of the batch start
   */
  public int putAll(ValueBatch batch, int from, int to, long basePosition) {
    int added = 0;
    for (int start = from; start < to; start += AHEAD) {
      int end = Math.min(to, start + AHEAD);
      lookUpAhead(batch, start, end);
      for (int entry = start; entry < end; entry++) {
        long packedPosition =
            PackedPosition.of(
                basePosition + batch.offset(entry), batch.length(entry), batch.kind(entry));
        boolean isNew =
            put(
                sought[entry - start],
                batch.keyHigh(entry),
                batch.keyLow(entry),
                batch.lsnValue(entry),
                packedPosition);
        added += isNew ? 1 : 0;
      }
    }
    return added;
  }

  private void lookUpAhead(ValueBatch batch, int start, int end) {
    if (sought.length == 0) {
      sought = new int[AHEAD];
    }
    for (int entry = start; entry < end; entry++) {
      sought[entry - start] = keys.seek(batch.keyHigh(entry), batch.keyLow(entry));
    }
    long seen = 0;
    for (int i = 0; i < end - start; i++) {
      seen += touch(sought[i]);
    }
    touched = seen;
  }

  /** Reads what a put of an existing key will change, so that it is in the processor's cache. */
  private long touch(int key) {
    long tail = key < 0 ? VersionLists.FIRST_ONLY : keys.tail(key);
    return tail == VersionLists.FIRST_ONLY ? tail : lists.touch(tail);
  }

  /**
   * @param known what {@link KeyTable#seek} returned for the key, or {@link KeyTable#NONE}
   */
  private boolean put(int known, long keyHigh, long keyLow, long lsn, long packedPosition) {
    boolean newest = Long.compareUnsigned(lsn, totals.own(LayerTotals.MAX_LSN)) > 0;
    int key = known >= 0 ? known : keys.findOrAdd(known, keyHigh, keyLow, lsn, packedPosition);
    if (key != NONE) {
      long tail = keys.tail(key);
      if (!newest && Long.compareUnsigned(lsn, newestLsn(key, tail)) <= 0) {
        checkIsThere(key, tail, lsn);
        return false;
      }
      keys.setTail(key, lists.append(tail, lsn, packedPosition));
    }
    totals.set(LayerTotals.VERSIONS, totals.own(LayerTotals.VERSIONS) + 1);
    totals.set(
        LayerTotals.VALUE_BYTES,
        totals.own(LayerTotals.VALUE_BYTES) + PackedPosition.length(packedPosition));
    if (newest) {
      totals.set(LayerTotals.MAX_LSN, lsn);
    }
    return true;
  }

  private long newestLsn(int key, long tail) {
    return tail == VersionLists.FIRST_ONLY
        ? keys.firstLsn(key)
        : lists.lsn(VersionLists.chunk(tail), VersionLists.length(tail) - 1);
  }

  private void checkIsThere(int key, long tail, long lsn) {
    Position version = new Position(key, tail);
    if (!version.seek(lsn) || version.lsn() != lsn) {
      throw new IllegalArgumentException(
          "version is older than the key's newest: lsn="
              + Lsn.of(lsn)
              + ", newest="
              + Lsn.of(newestLsn(key, tail)));
    }
  }

  /** Returns the number of versions. */
  public long versions() {
    return totals.get(LayerTotals.VERSIONS);
  }

  /** Returns the sum of the lengths of all values, in bytes. */
  public long valueBytes() {
    return totals.get(LayerTotals.VALUE_BYTES);
  }

  /** Returns the heap that the index takes, without that for sorting, in bytes. For the writer. */
  public long heapBytes() {
    return keys.heapBytes() + lists.heapBytes() + (long) Integer.BYTES * sought.length;
  }

  /** Returns how many keys there is room for before the index grows. For the writer. */
  public long keyCapacity() {
    return keys.capacity();
  }

  /** Returns the number of keys. */
  public int keys() {
    return keys.count();
  }

  /** Returns the first key; null if there are no versions. */
  public @Nullable PageKey firstKey() {
    return keys.first();
  }

  /** Returns the last key; null if there are no versions. */
  public @Nullable PageKey lastKey() {
    return keys.last();
  }

  /** Returns whether a key is neither before the first key nor after the last. */
  public boolean covers(PageKey key) {
    return keys.covers(key.high(), key.low());
  }

  /**
   * Returns a cursor over the numbers of the keys that a range has at this moment, in key order.
   */
  public KeyOrder.Cursor cursor(KeyRange range) {
    return order.cursor(range);
  }

  /** Returns the key of a number that a cursor has returned. */
  PageKey key(int number) {
    return new PageKey(keys.high(number), keys.low(number));
  }

  public boolean contains(PageKey key, Lsn lsn) {
    int number = find(key);
    if (number == NONE) {
      return false;
    }
    Position version = new Position(number, keys.tail(number));
    return version.seek(lsn.value()) && version.lsn() == lsn.value();
  }

  /** Returns a key's number, or {@link KeyTable#NONE}. */
  public int find(PageKey key) {
    return keys.find(key.high(), key.low());
  }

  /**
   * Visits the versions of a key from newest to oldest, those at or below {@code asOf} and above
   * {@code above}.
   *
   * @param number the key's; {@link KeyTable#NONE} has no versions
   */
  public void descend(int number, Lsn asOf, Lsn above, Visitor visitor) throws IOException {
    if (number == NONE) {
      return;
    }
    Position version = new Position(number, keys.tail(number));
    for (boolean is = version.seek(asOf.value()); is; is = version.older()) {
      long lsn = version.lsn();
      if (Long.compareUnsigned(lsn, above.value()) <= 0
          || !visitor.visit(keys.high(number), keys.low(number), lsn, version.packedPosition())) {
        return;
      }
    }
  }

  /** A position at a version of a key. */
  private final class Position {
    private final int key;
    private long tail; // of the list up to the chunk; FIRST_ONLY for the key's first version
    private int chunk;
    private int index; // in the chunk, or one after its last

    Position(int key, long tail) {
      this.key = key;
      goTo(tail);
    }

    private void goTo(long tail) {
      this.tail = tail;
      chunk = VersionLists.chunk(tail);
      index = VersionLists.length(tail);
    }

    /** Moves to the newest version at or below an LSN; returns false if there is none. */
    boolean seek(long lsn) {
      while (chunk != 0) {
        int floor = lists.floor(chunk, index, lsn);
        if (floor >= 0) {
          index = floor;
          return true;
        }
        goTo(lists.previous(tail));
      }
      return Long.compareUnsigned(keys.firstLsn(key), lsn) <= 0;
    }

    /** Moves to the next older version; returns false if there is none. */
    boolean older() {
      if (chunk == 0) {
        return false;
      }
      if (index == 0) {
        goTo(lists.previous(tail));
      }
      if (chunk != 0) {
        index--;
      }
      return true;
    }

    long lsn() {
      return chunk == 0 ? keys.firstLsn(key) : lists.lsn(chunk, index);
    }

    long packedPosition() {
      return chunk == 0 ? keys.firstPacked(key) : lists.packedPosition(chunk, index);
    }
  }

  /** Visits all versions of a key range, sorted by key and LSN. */
  public void forEach(KeyRange range, Visitor visitor) throws IOException {
    KeyOrder.Cursor cursor = order.cursor(range);
    int[] group = new int[AHEAD];
    long[] entries = new long[AHEAD * KeyTable.FIELDS];
    long[] tails = new long[8];
    int length = AHEAD;
    while (length == AHEAD) {
      length = 0;
      for (int key = cursor.next(); key != NONE; key = length < AHEAD ? cursor.next() : NONE) {
        group[length++] = key;
      }
      int end = length * KeyTable.FIELDS;
      keys.read(group, length, entries);
      for (int at = 0; at < end; at += KeyTable.FIELDS) {
        visitor.expect(entries[at + KeyTable.PACKED]);
      }
      for (int at = 0; at < end; at += KeyTable.FIELDS) {
        long high = entries[at];
        long low = entries[at + KeyTable.LOW];
        long tail = entries[at + KeyTable.TAIL];
        if (!visitor.visit(high, low, entries[at + KeyTable.LSN], entries[at + KeyTable.PACKED])) {
          return;
        }
        if (tail != VersionLists.FIRST_ONLY) {
          tails = tails(tail, tails);
          if (!visitList(high, low, tails, visitor)) {
            return;
          }
        }
      }
    }
  }

  /** Returns the tails of a list and of the lists before each of its chunks, down to FIRST_ONLY. */
  private long[] tails(long tail, long[] array) {
    int count = 0;
    long[] tails = array;
    for (long at = tail; at != VersionLists.FIRST_ONLY; at = lists.previous(at)) {
      tails = count + 1 < tails.length ? tails : Arrays.copyOf(tails, 2 * tails.length);
      tails[count++] = at;
    }
    tails[count] = VersionLists.FIRST_ONLY;
    return tails;
  }

  private boolean visitList(long high, long low, long[] tails, Visitor visitor) throws IOException {
    int last = 0;
    while (tails[last] != VersionLists.FIRST_ONLY) {
      last++;
    }
    for (int i = last - 1; i >= 0; i--) {
      int length = VersionLists.length(tails[i]);
      if (!visitChunk(high, low, VersionLists.chunk(tails[i]), length, visitor)) {
        return false;
      }
    }
    return true;
  }

  private boolean visitChunk(long high, long low, int chunk, int length, Visitor visitor)
      throws IOException {
    for (int start = 0; start < length; start += AHEAD) {
      int end = Math.min(length, start + AHEAD);
      for (int i = start; i < end; i++) {
        visitor.expect(lists.packedPosition(chunk, i));
      }
      for (int i = start; i < end; i++) {
        if (!visitor.visit(high, low, lists.lsn(chunk, i), lists.packedPosition(chunk, i))) {
          return false;
        }
      }
    }
    return true;
  }
}
