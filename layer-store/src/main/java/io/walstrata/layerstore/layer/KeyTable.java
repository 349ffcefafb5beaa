package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.page.PageKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one layer in memory, numbered from 0 in the order in which they came, each with its
 * first version and the list of the others. One thread writes, any number read, and neither waits
 * for the other.
 */
final class KeyTable {
  /*
   * Primitive arrays, so that neither a put nor the garbage collector pays for an object per key:
   *
   *   slots     fingerprint 32 | key number + 1, or 0; open addressing, linear probing
   *   entries   key number -> high, low, first LSN, first place, tail; in chunks
   *
   * The first slot to try is the fingerprint's upper bits, so doubling the slots reads nothing but
   * the slots, in order. A slot whose fingerprint fits is the right one but for one in four
   * billion, so a look-up misses the cache once for the slot and once for the entry.
   *
   * Where memory is slow, these two are what a put costs. touch() lets several of them wait at the
   * same time: the processor goes on to the next load while it waits for the first.
   *
   * Publication: an entry is filled before its slot is set with release, and a version before the
   * key's tail, with release. Arrays that a reader may hold are not changed otherwise: a grown one
   * replaces them, and the old one stays as it was. A reader that holds an old one misses what came
   * after it looked, which is what reading at that moment means. (A layer's reader has taken the
   * timeline's last LSN before, so whatever it may ask for was published before.)
   *
   * Memory: 40 bytes a key in entries, its first version included, and 11 to 22 in slots.
   */
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle COUNT = field("count");
  private static final VarHandle FIRST = field("first");
  private static final VarHandle LAST = field("last");

  private static final int CHUNK_BITS = 11;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int FIRST_CHUNK = 4; // of a layer that holds next to nothing
  private static final int FIELDS = 5;
  private static final int LOW = 1;
  private static final int LSN = 2;
  private static final int PLACE = 3;
  private static final int TAIL = 4;
  private static final int FIRST_SLOTS = 8;
  private static final int MAX_SLOTS = 1 << 30; // the longest power of two

  /** No key of that number. */
  static final int NONE = -1;

  private volatile long[] slots = new long[FIRST_SLOTS];
  private volatile long[][] entries = new long[0][];

  // Set with release: a volatile write for each new key would be paid for at each put.
  private int count;
  private int first = NONE; // numbers of the lowest and the highest key
  private int last = NONE;

  private static VarHandle field(String name) {
    try {
      return MethodHandles.lookup().findVarHandle(KeyTable.class, name, int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Returns the number of keys. */
  int count() {
    return (int) COUNT.getAcquire(this);
  }

  /** Returns the lowest key; null if there is none. */
  @Nullable PageKey first() {
    int number = (int) FIRST.getAcquire(this);
    return number == NONE ? null : new PageKey(high(number), low(number));
  }

  /** Returns the highest key; null if there is none. */
  @Nullable PageKey last() {
    int number = (int) LAST.getAcquire(this);
    return number == NONE ? null : new PageKey(high(number), low(number));
  }

  /** Returns whether a key is neither below the lowest nor above the highest. */
  boolean covers(long high, long low) {
    int lowest = (int) FIRST.getAcquire(this);
    int highest = (int) LAST.getAcquire(this);
    return lowest != NONE
        && highest != NONE
        && compare(high, low, lowest) >= 0
        && compare(high, low, highest) <= 0;
  }

  /**
   * Returns the number of a key that is here; adds one that is not, with its first version, and
   * returns {@link #NONE}. For the writer.
   */
  int findOrAdd(long high, long low, long lsn, long place) {
    long[] seen = slots;
    long fingerprint = fingerprint(high, low);
    int slot = firstSlot(fingerprint, seen.length);
    for (long entry = seen[slot]; entry != 0; entry = seen[slot]) {
      if (entry >>> 32 == fingerprint && is((int) entry - 1, high, low)) {
        return (int) entry - 1;
      }
      slot = (slot + 1) & (seen.length - 1);
    }
    if (count == seen.length / 4 * 3) {
      slots = doubled(seen); // before the key is anywhere: there may be no memory for it
      return findOrAdd(high, low, lsn, place);
    }
    int key = append(high, low, lsn, place);
    LONGS.setRelease(seen, slot, fingerprint << 32 | (key + 1));
    COUNT.setRelease(this, key + 1);
    return NONE;
  }

  private int append(long high, long low, long lsn, long place) {
    int key = count;
    int chunk = key >>> CHUNK_BITS;
    int at = (key & (CHUNK - 1)) * FIELDS;
    if (chunk == entries.length || at == entries[chunk].length) {
      entries = Chunks.grown(entries, chunk, FIRST_CHUNK * FIELDS, CHUNK * FIELDS);
    }
    long[] fields = entries[chunk];
    fields[at] = high;
    fields[at + LOW] = low;
    fields[at + LSN] = lsn;
    fields[at + PLACE] = place;
    fields[at + TAIL] = VersionLists.FIRST_ONLY;
    if (key == 0 || compare(high, low, first) < 0) {
      FIRST.setRelease(this, key);
    }
    if (key == 0 || compare(high, low, last) > 0) {
      LAST.setRelease(this, key);
    }
    return key;
  }

  private int compare(long high, long low, int key) {
    return PageKey.compare(high, low, high(key), low(key));
  }

  private static long[] doubled(long[] slots) {
    if (slots.length == MAX_SLOTS) {
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

  /** Returns a key's number, or {@link #NONE}. */
  int find(long high, long low) {
    long[] seen = slots;
    long fingerprint = fingerprint(high, low);
    int slot = firstSlot(fingerprint, seen.length);
    while (true) {
      long entry = (long) LONGS.getAcquire(seen, slot);
      if (entry == 0) {
        return NONE;
      }
      if (entry >>> 32 == fingerprint && is((int) entry - 1, high, low)) {
        return (int) entry - 1;
      }
      slot = (slot + 1) & (seen.length - 1);
    }
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

  /** Returns where the value of a key's first version is, as {@link Place} packs it. */
  long firstPlace(int key) {
    long[] fields = entries[key >>> CHUNK_BITS];
    return (long) LONGS.getAcquire(fields, (key & (CHUNK - 1)) * FIELDS + PLACE);
  }

  /** Gives a key's first version another value. For the writer. */
  void setFirstPlace(int key, long place) {
    long[] fields = entries[key >>> CHUNK_BITS];
    LONGS.setRelease(fields, (key & (CHUNK - 1)) * FIELDS + PLACE, place);
  }

  /** Returns the tail of a key's {@link VersionLists list}. */
  long tail(int key) {
    long[] fields = entries[key >>> CHUNK_BITS];
    return (long) LONGS.getAcquire(fields, (key & (CHUNK - 1)) * FIELDS + TAIL);
  }

  /** Shows readers a list that has grown. For the writer. */
  void setTail(int key, long tail) {
    long[] fields = entries[key >>> CHUNK_BITS];
    LONGS.setRelease(fields, (key & (CHUNK - 1)) * FIELDS + TAIL, tail);
  }

  /** Reads the first slot that a look at the key will read, and returns what is in there. */
  long touch(long high, long low) {
    long[] seen = slots;
    return seen[firstSlot(fingerprint(high, low), seen.length)];
  }

  /**
   * Mixes every bit of the key into 32 bits, so that keys that count up, as block numbers do, go to
   * places that have nothing to do with each other.
   */
  private static long fingerprint(long high, long low) {
    long mixed = (low ^ Long.rotateLeft(high, 29)) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 32 ^ high) * 0xD6E8FEB86659FD93L;
    return (mixed ^ mixed >>> 32) & 0xFFFFFFFFL;
  }

  private static int firstSlot(long fingerprint, int slots) {
    return (int) (fingerprint >>> (32 - Integer.numberOfTrailingZeros(slots)));
  }
}
