package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.page.PageKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Holds the keys of one layer in memory, numbered from 0 in the order of adding, each with its
 * first version and the list of the others. One thread writes, any number read, and neither waits
 * for the other.
 */
public final class KeyTable {
  /*
   * Primitive arrays, so that neither a put nor the garbage collector pays for an object per key:
   *
   *   slots     fingerprint 32 | key number + 1, or 0; open addressing, linear probing
   *   entries   key number -> high, low, first LSN, first packed position, tail; in chunks
   *
   * Eight keys that differ in their last three bits only, as neighbouring blocks do, have the same
   * fingerprint but for those bits. The first slot to try is in the line of eight slots that the
   * rest of the fingerprint selects, at the index that those bits are: blocks that are added in
   * order fill one line of the processor's cache after the other, and those of a range are found in
   * few. The line is the fingerprint's upper bits, so doubling the slots reads nothing but the
   * slots, in order. A slot with the same fingerprint is the wrong one once in half a billion
   * times, so a look-up misses the cache once for the slot and once for the entry.
   *
   * Where memory is slow, these two misses are the cost of a put. Looking up the keys of several
   * puts before the first of them lets the misses overlap: the processor continues with the next
   * look-up while it waits for the first.
   *
   * Publication: an entry is filled before its slot is set with release, and a version before the
   * key's tail, with release. Arrays that a reader may hold are not changed otherwise: a grown one
   * replaces them, and the old one stays as it was. A reader that holds an old one misses what was
   * added later, as a read at that moment does. (A layer's reader has read the timeline's last LSN
   * before, so all that it may ask for was published before.)
   *
   * Memory: 40 bytes a key in entries, its first version included, and 11 to 22 in slots.
   */
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int CHUNK_BITS = 11;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int FIRST_CHUNK = 4; // for a layer with few keys

  /** Number of fields of an entry, of which the first is the upper half of the key. */
  static final int FIELDS = 5;

  static final int LOW = 1;
  static final int LSN = 2;
  static final int PACKED = 3;
  static final int TAIL = 4;
  private static final int LINE_BITS = 3;
  private static final int LINE = 1 << LINE_BITS; // slots in 64 bytes
  private static final int FIRST_SLOTS = LINE;
  private static final int MAX_SLOTS = 1 << 30; // the longest array that is a power of two

  /** Stands for no key. */
  public static final int NONE = -1;

  private static final long[] NOWHERE = {};

  private volatile long[] slots = new long[FIRST_SLOTS];
  private volatile long[][] entries = new long[0][];

  private final LayerTotals totals;
  private final int maxSlots;
  private long[] soughtIn = NOWHERE; // by seeks since the last doubling; the writer's own

  KeyTable(LayerTotals totals) {
    this(totals, MAX_SLOTS);
  }

  /**
   * @param maxSlots a power of two; the maximum number of keys is three quarters of it
   */
  KeyTable(LayerTotals totals, int maxSlots) {
    this.totals = totals;
    this.maxSlots = maxSlots;
  }

  /** Returns the number of keys. */
  int count() {
    return (int) totals.get(LayerTotals.KEYS);
  }

  /** Returns the number of leading keys added in ascending order; at most the count. */
  int ascending() {
    return (int) totals.get(LayerTotals.ASCENDING_KEYS);
  }

  /** Returns the heap that the table takes, from the lengths of its arrays. For the writer. */
  long heapBytes() {
    return (long) Long.BYTES * (slots.length + entryLongs());
  }

  /** Returns how many keys there is room for before the table grows. For the writer. */
  long capacity() {
    return entryLongs() / FIELDS;
  }

  private long entryLongs() {
    // All chunks but the first have their full length from the start.
    int chunks = entries.length;
    return chunks == 0 ? 0 : entries[0].length + (chunks - 1L) * CHUNK * FIELDS;
  }

  /** Returns the lowest key; null if there is none. */
  @Nullable PageKey first() {
    return count() == 0 ? null : key((int) totals.get(LayerTotals.FIRST_KEY));
  }

  /** Returns the highest key; null if there is none. */
  @Nullable PageKey last() {
    return count() == 0 ? null : key((int) totals.get(LayerTotals.LAST_KEY));
  }

  private PageKey key(int number) {
    return new PageKey(high(number), low(number));
  }

  /** Returns whether a key is neither below the lowest nor above the highest. */
  boolean covers(long high, long low) {
    return count() > 0
        && compare(high, low, (int) totals.get(LayerTotals.FIRST_KEY)) >= 0
        && compare(high, low, (int) totals.get(LayerTotals.LAST_KEY)) <= 0;
  }

  /**
   * Returns the number of a key that the table has; otherwise adds the key, with its first version,
   * and returns {@link #NONE}. For the writer.
   *
   * @param sought what {@link #seek} returned for the key, below 0, or {@link #NONE}
   * @throws IllegalStateException if the table has the maximum number of keys; none is added
   */
  int findOrAdd(int sought, long high, long low, long lsn, long packedPosition) {
    long[] seen = slots;
    long fingerprint = fingerprint(high, low);
    boolean isKnown = sought != NONE && seen == soughtIn;
    int start = isKnown ? freeSlot(sought) : firstSlot(fingerprint, seen.length);
    int found = probe(seen, start, fingerprint, high, low);
    if (found >= 0) {
      return found;
    }
    int slot = freeSlot(found);
    int count = (int) totals.own(LayerTotals.KEYS);
    if (count == seen.length / 4 * 3) {
      slots = doubled(seen); // before the key is added: it may fail for lack of memory
      soughtIn = NOWHERE;
      return findOrAdd(NONE, high, low, lsn, packedPosition);
    }
    append(count, high, low, lsn, packedPosition);
    LONGS.setRelease(seen, slot, fingerprint << 32 | (count + 1));
    totals.set(LayerTotals.KEYS, count + 1);
    return NONE;
  }

  private void append(int key, long high, long low, long lsn, long packedPosition) {
    int chunk = key >>> CHUNK_BITS;
    int at = (key & (CHUNK - 1)) * FIELDS;
    if (chunk == entries.length || at == entries[chunk].length) {
      entries = Chunks.grown(entries, chunk, FIRST_CHUNK * FIELDS, CHUNK * FIELDS);
    }
    long[] fields = entries[chunk];
    fields[at] = high;
    fields[at + LOW] = low;
    fields[at + LSN] = lsn;
    fields[at + PACKED] = packedPosition;
    fields[at + TAIL] = VersionLists.FIRST_ONLY;
    if (key == 0 || compare(high, low, (int) totals.own(LayerTotals.LAST_KEY)) > 0) {
      totals.set(LayerTotals.LAST_KEY, key);
      if (key == totals.own(LayerTotals.ASCENDING_KEYS)) {
        totals.set(LayerTotals.ASCENDING_KEYS, key + 1);
      }
    } else if (compare(high, low, (int) totals.own(LayerTotals.FIRST_KEY)) < 0) {
      totals.set(LayerTotals.FIRST_KEY, key);
    }
  }

  private int compare(long high, long low, int key) {
    return PageKey.compare(high, low, high(key), low(key));
  }

  private long[] doubled(long[] slots) {
    if (slots.length == maxSlots) {
      throw new IllegalStateException(
          "too many keys in a layer, freeze sooner: keys=" + slots.length / 4 * 3);
    }
    long[] doubled = new long[2 * slots.length];
    for (long entry : slots) {
      if (entry != 0) {
        int slot = firstSlot(entry >>> 32, doubled.length);
        while (doubled[slot] != 0) {
          slot = (slot + 1) & (doubled.length - 1);
        }
        doubled[slot] = entry;
      }
    }
    return doubled;
  }

  /**
   * Returns a key's number; for a key that the table does not have, a negative number from which
   * {@link #findOrAdd} continues the look-up. It is valid until the next look-up after a key was
   * added. For the writer.
   */
  int seek(long high, long low) {
    long[] seen = slots;
    soughtIn = seen;
    return probe(seen, high, low);
  }

  /** Returns a key's number, or {@link #NONE}. */
  int find(long high, long low) {
    return Math.max(NONE, probe(slots, high, low));
  }

  private int probe(long[] seen, long high, long low) {
    long fingerprint = fingerprint(high, low);
    return probe(seen, firstSlot(fingerprint, seen.length), fingerprint, high, low);
  }

  /**
   * Returns a key's number, or that of the free slot at which the look-up ended, as {@link
   * #freeSlot} encodes it.
   */
  private int probe(long[] seen, int start, long fingerprint, long high, long low) {
    int slot = start;
    while (true) {
      long entry = (long) LONGS.getAcquire(seen, slot);
      if (entry == 0) {
        return freeSlot(slot);
      }
      if (entry >>> 32 == fingerprint && is((int) entry - 1, high, low)) {
        return (int) entry - 1;
      }
      slot = (slot + 1) & (seen.length - 1);
    }
  }

  /**
   * Returns a number below {@link #NONE} for the index of a free slot, and the index for such a
   * number.
   */
  private static int freeSlot(int number) {
    return NONE - 1 - number;
  }

  private boolean is(int key, long high, long low) {
    long[] fields = entries[key >>> CHUNK_BITS];
    int at = (key & (CHUNK - 1)) * FIELDS;
    return fields[at] == high && fields[at + LOW] == low;
  }

  /** Returns a key's upper half. */
  long high(int key) {
    return entries[key >>> CHUNK_BITS][(key & (CHUNK - 1)) * FIELDS];
  }

  /** Returns a key's lower half. */
  long low(int key) {
    return entries[key >>> CHUNK_BITS][(key & (CHUNK - 1)) * FIELDS + LOW];
  }

  /** Returns the LSN of a key's first version. */
  long firstLsn(int key) {
    return entries[key >>> CHUNK_BITS][(key & (CHUNK - 1)) * FIELDS + LSN];
  }

  /** Returns the packed position of the value of a key's first version. */
  long firstPacked(int key) {
    return entries[key >>> CHUNK_BITS][(key & (CHUNK - 1)) * FIELDS + PACKED];
  }

  /** Returns the tail of a key's {@link VersionLists list}. */
  long tail(int key) {
    long[] fields = entries[key >>> CHUNK_BITS];
    return (long) LONGS.getAcquire(fields, (key & (CHUNK - 1)) * FIELDS + TAIL);
  }

  /** Publishes the tail of a list that has grown. For the writer. */
  void setTail(int key, long tail) {
    long[] fields = entries[key >>> CHUNK_BITS];
    LONGS.setRelease(fields, (key & (CHUNK - 1)) * FIELDS + TAIL, tail);
  }

  /**
   * Copies keys' entries to {@code target}, {@link #FIELDS} numbers each, one after the other.
   *
   * @param numbers numbers of the keys, of which the first {@code count} are used
   */
  void read(int[] numbers, int count, long[] target) {
    long[][] chunks = entries;
    for (int i = 0, to = 0; i < count; i++, to += FIELDS) {
      long[] fields = chunks[numbers[i] >>> CHUNK_BITS];
      int at = (numbers[i] & (CHUNK - 1)) * FIELDS;
      target[to] = fields[at];
      target[to + LOW] = fields[at + LOW];
      target[to + LSN] = fields[at + LSN];
      target[to + PACKED] = fields[at + PACKED];
      target[to + TAIL] = (long) LONGS.getAcquire(fields, at + TAIL);
    }
  }

  /**
   * Returns a hash of 29 bits of the key without its last three bits, followed by those, so that
   * keys that count up, as block numbers do, are spread over lines.
   */
  private static long fingerprint(long high, long low) {
    long mixed = (low >>> LINE_BITS ^ Long.rotateLeft(high, 29)) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 32 ^ high) * 0xD6E8FEB86659FD93L;
    return ((mixed ^ mixed >>> 32) & (0xFFFFFFFFL & -LINE)) | (low & (LINE - 1));
  }

  private static int firstSlot(long fingerprint, int slots) {
    int lines = Integer.numberOfTrailingZeros(slots) - LINE_BITS;
    return (int) (fingerprint >>> (32 - lines)) << LINE_BITS | ((int) fingerprint & (LINE - 1));
  }
}
