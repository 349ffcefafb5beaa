package io.walstrata.layerstore.internal.memory;

import java.util.Arrays;

/**
 * Holds the versions of the keys of one layer in memory, without each key's first one: a list per
 * key, oldest first. One thread writes, any number read what was published to them.
 *
 * <p>A list is identified by its {@code tail}, one {@code long}: the address and length of its last
 * chunk, and the number of versions in it.
 */
final class VersionLists {
  /*
   * A list is a chain of chunks from new to old, each half as long as all before it, in slabs that
   * the lists of all keys share:
   *
   *   chunk   tail of the list before this chunk, then (LSN, packed position) for each version
   *   tail    address 32 | size 6 | versions in the chunk 26
   *
   * The size encodes the chunk's capacity: a put reads neither the chunk's start nor another chunk,
   * but only the place where it writes.
   *
   * An LSN is searched chunk by chunk from the newest, and by bisection within one. As the chunks
   * grow, a third of a key's versions are in the last one, so that the search for an LSN anywhere
   * in its history reads three chunks on average, and logarithmically many at worst. A key's
   * versions are side by side, in the order in which they are written to a file.
   *
   * An address counts longs: the slab in the upper bits, the place in it in the lower 15. A chunk
   * that is long gets a slab of its own, of its length. What readers may see of a slab is never
   * written again.
   *
   * Memory: 16 bytes a version, and up to half of that again that waits for more versions.
   */
  private static final int SLAB_BITS = 15;
  private static final int SLAB = 1 << SLAB_BITS;
  private static final int FIRST_SLAB = 64; // for a layer with few versions
  private static final int MAX_SHARED = SLAB / 8; // longer chunks do not share a slab
  private static final int MAX_SLABS = 1 << (Integer.SIZE - SLAB_BITS);

  private static final int LENGTH_BITS = 26;
  private static final int SIZE_BITS = 6;
  private static final int[] CAPACITIES = capacities();

  /** The tail of a key that has its first version only. */
  static final long FIRST_ONLY = 0;

  private final int maxSlabs;
  private volatile long[][] slabs = new long[0][];
  private int slab = -1; // that is being filled; the writer's own
  private int used; // longs of the slab
  private long heapBytes; // of all slabs; the writer's own

  VersionLists() {
    this(MAX_SLABS);
  }

  /**
   * @param maxSlabs the maximum number of slabs
   */
  VersionLists(int maxSlabs) {
    this.maxSlabs = maxSlabs;
  }

  /** Returns how many versions a list's last chunk has room for. */
  static int capacity(long tail) {
    return CAPACITIES[size(tail)];
  }

  /**
   * Returns the capacities of chunks by their size: half of what is in those before, at least 2.
   */
  private static int[] capacities() {
    int[] capacities = new int[1 << SIZE_BITS];
    long older = 1;
    for (int size = 0; size < capacities.length; size++) {
      capacities[size] = (int) Math.min((1 << LENGTH_BITS) - 1, Math.max(2, older / 2));
      older += capacities[size];
    }
    return capacities;
  }

  /** Returns the address of a list's last chunk, 0 if it has none. */
  static int chunk(long tail) {
    return (int) (tail >>> 32);
  }

  /** Returns how many versions are in a list's last chunk. */
  static int length(long tail) {
    return (int) tail & ((1 << LENGTH_BITS) - 1);
  }

  static int size(long tail) {
    return (int) tail >>> LENGTH_BITS;
  }

  /**
   * Appends a version to a list and returns the list's tail then. For the writer.
   *
   * @throws IllegalStateException if there is no room for another chunk; no list is changed
   */
  long append(long tail, long lsn, long packedPosition) {
    long end = tail;
    if (tail == FIRST_ONLY || length(tail) == CAPACITIES[size(tail)]) {
      end = newChunk(tail);
    }
    long[] longs = slabs[chunk(end) >>> SLAB_BITS];
    int at = at(chunk(end), length(end));
    longs[at] = lsn;
    longs[at + 1] = packedPosition;
    return end + 1;
  }

  /**
   * Reads the place where the next version of a list will be written, so that it is in the
   * processor's cache then, and returns its content. For the writer.
   */
  long touch(long tail) {
    long[] longs = slabs[chunk(tail) >>> SLAB_BITS];
    int at = at(chunk(tail), length(tail));
    return at < longs.length ? longs[at] : 0;
  }

  /** Returns the tail of a list with a new, empty chunk. */
  private long newChunk(long tail) {
    int size = tail == FIRST_ONLY ? 0 : Math.min(size(tail) + 1, CAPACITIES.length - 1);
    int length = 1 + 2 * CAPACITIES[size];
    int address = length > MAX_SHARED ? ownSlab(length) : sharedSlab(length);
    slabs[address >>> SLAB_BITS][address & (SLAB - 1)] = tail;
    return (long) address << 32 | (long) size << LENGTH_BITS;
  }

  private int ownSlab(int length) {
    int number = slabs.length;
    checkSlabs(number);
    long[][] grown = Arrays.copyOf(slabs, number + 1);
    grown[number] = new long[length];
    slabs = grown;
    heapBytes += (long) Long.BYTES * length;
    return number << SLAB_BITS;
  }

  private int sharedSlab(int length) {
    if (slab < 0) {
      growFirstSlab();
      slab = 0;
      used = 1; // no chunk is at address 0
    }
    while (used + length > slabs[slab].length) {
      if (slabs[slab].length < SLAB) {
        growFirstSlab();
      } else {
        slab = ownSlab(SLAB) >>> SLAB_BITS;
        used = 0;
      }
    }
    int address = slab << SLAB_BITS | used;
    used += length;
    return address;
  }

  private void growFirstSlab() {
    long before = slabs.length == 0 ? 0 : slabs[0].length;
    slabs = Chunks.grown(slabs, 0, FIRST_SLAB, SLAB);
    heapBytes += Long.BYTES * (slabs[0].length - before);
  }

  /** Returns the heap that the lists take. For the writer. */
  long heapBytes() {
    return heapBytes;
  }

  private void checkSlabs(int number) {
    if (number >= maxSlabs) {
      throw new IllegalStateException(
          "too many versions in a layer, freeze sooner: bytes=" + heapBytes);
    }
  }

  /** Returns the tail of the list without its last chunk. */
  long previous(long tail) {
    int chunk = chunk(tail);
    return slabs[chunk >>> SLAB_BITS][chunk & (SLAB - 1)];
  }

  private static int at(int chunk, int index) {
    return (chunk & (SLAB - 1)) + 1 + 2 * index;
  }

  long lsn(int chunk, int index) {
    return slabs[chunk >>> SLAB_BITS][at(chunk, index)];
  }

  /** Returns the packed position of a version's value. */
  long packedPosition(int chunk, int index) {
    return slabs[chunk >>> SLAB_BITS][at(chunk, index) + 1];
  }

  /**
   * Returns the index of the last of the first {@code length} versions in a chunk that is at or
   * below an LSN, or -1.
   */
  int floor(int chunk, int length, long lsn) {
    long[] longs = slabs[chunk >>> SLAB_BITS];
    int low = 0;
    int high = length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(longs[at(chunk, middle)], lsn) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }
}
