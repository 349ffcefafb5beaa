package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.page.PageKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one layer in memory, numbered from 0 in the order in which they came, each with the
 * number of its newest version. One thread writes, any number read, and neither waits for the
 * other.
 */
final class KeyTable {
  /*
   * Primitive arrays, so that neither a put nor the garbage collector pays for an object per key:
   *
   *   slots     fingerprint 32 | key number + 1, or 0; open addressing, linear probing
   *   entries   key number -> high, low, newest version + 1; in chunks
   *
   * The first slot to try is the fingerprint's upper bits, so doubling the slots reads nothing but
   * the slots, in order. A slot whose fingerprint fits is the right one but for one in four
   * billion, so a look-up misses the cache once for the slot and once for the entry.
   *
   * Publication: an entry is filled before its slot is set with release, and a version before it is
   * made the newest, with release. Arrays that a reader may hold are not changed otherwise: a grown
   * one replaces them, and the old one stays as it was. A reader that holds an old one misses what
   * came after it looked, which is what reading at that moment means. (A layer's reader has taken
   * the timeline's last LSN before, so whatever it may ask for was published before.)
   *
   * Memory: 24 bytes a key in entries, and 11 to 22 in slots.
   */
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle COUNT = field("count");
  private static final VarHandle FIRST = field("first");
  private static final VarHandle LAST = field("last");

  private static final int CHUNK_BITS = 12;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int FIRST_CHUNK = 4; // of a layer that holds next to nothing
  private static final int FIELDS = 3;
  private static final int LOW = 1;
  private static final int NEWEST = 2;
  private static final int FIRST_SLOTS = 8;
  private static final int MAX_KEYS = 3 << 28; // three quarters of the longest power of two

  /** No key, or no version, of that number. */
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

  /** Returns a key's number, adding it if it is new. For the writer. */
  int findOrAdd(long high, long low) {
    long[] seen = slots;
    long fingerprint = fingerprint(high, low);
    int slot = firstSlot(fingerprint, seen.length);
    for (long entry = seen[slot]; entry != 0; entry = seen[slot]) {
      if (entry >>> 32 == fingerprint && is((int) entry - 1, high, low)) {
        return (int) entry - 1;
      }
      slot = (slot + 1) & (seen.length - 1);
    }
    int key = append(high, low);
    LONGS.setRelease(seen, slot, fingerprint << 32 | (key + 1));
    if (key >= seen.length / 4 * 3) {
      slots = doubled(seen);
    }
    return key;
  }

  private int append(long high, long low) {
    int key = count;
    if (key == MAX_KEYS) {
      throw new IllegalStateException("too many keys in a layer, freeze sooner: keys=" + key);
    }
    int chunk = key >>> CHUNK_BITS;
    int at = (key & (CHUNK - 1)) * FIELDS;
    if (chunk == entries.length || at == entries[chunk].length) {
      entries = Chunks.grown(entries, chunk, FIRST_CHUNK * FIELDS, CHUNK * FIELDS);
    }
    long[] fields = entries[chunk];
    fields[at] = high;
    fields[at + LOW] = low;
    if (key == 0 || compare(high, low, first) < 0) {
      FIRST.setRelease(this, key);
    }
    if (key == 0 || compare(high, low, last) > 0) {
      LAST.setRelease(this, key);
    }
    COUNT.setRelease(this, key + 1);
    return key;
  }

  private int compare(long high, long low, int key) {
    int byHigh = Long.compareUnsigned(high, high(key));
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, low(key));
  }

  private static long[] doubled(long[] slots) {
    long[] doubled = new long[Math.multiplyExact(slots.length, 2)];
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

  /** Returns a key's newest version, or {@link #NONE} if its first one is only now being put. */
  int newest(int key) {
    long[] fields = entries[key >>> CHUNK_BITS];
    return (int) (long) LONGS.getAcquire(fields, (key & (CHUNK - 1)) * FIELDS + NEWEST) - 1;
  }

  /** Shows readers a version, which must be filled in, as the key's newest. For the writer. */
  void setNewest(int key, int version) {
    long[] fields = entries[key >>> CHUNK_BITS];
    LONGS.setRelease(fields, (key & (CHUNK - 1)) * FIELDS + NEWEST, version + 1L);
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
