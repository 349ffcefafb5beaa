package io.walstrata.layerstore.page;

import java.util.Arrays;

/**
 * Many versions of one timeline: their values are in one array, with an index over it in primitive
 * arrays. A writer keeps one batch and refills it for each message. Not thread-safe.
 */
public final class ValueBatch {
  private static final byte[] NOTHING = {};
  private static final long[] NO_LONGS = {};
  private static final int[] NO_INTS = {};
  private static final int FIRST_CAPACITY = 16;

  /** A longer index is not kept for the next batch: at 33 bytes an entry, this is 2 MiB. */
  private static final int KEPT_CAPACITY = 1 << 16;

  private TimelineId timeline = new TimelineId(0, 0);
  private byte[] raw = NOTHING;
  private int rawOffset;
  private int rawLength;
  private int size;
  private int maxLength;
  private int end; // of the value that ends last
  private boolean isInOrder; // each value starts where another one ended, or after it
  private long[] keyHigh = NO_LONGS;
  private long[] keyLow = NO_LONGS;
  private long[] lsn = NO_LONGS;
  private int[] offset = NO_INTS;
  private int[] length = NO_INTS;
  private byte[] kind = NOTHING;

  /**
   * Empties the batch for values in {@code rawLength} bytes of {@code raw}, which is not copied.
   */
  public void reset(TimelineId timeline, byte[] raw, int rawOffset, int rawLength) {
    if (rawOffset < 0 || rawLength < 0 || rawOffset > raw.length - rawLength) {
      throw new IllegalArgumentException(
          "the values must be inside the array: rawOffset="
              + rawOffset
              + ", rawLength="
              + rawLength
              + ", array="
              + raw.length);
    }
    this.timeline = timeline;
    this.raw = raw;
    this.rawOffset = rawOffset;
    this.rawLength = rawLength;
    size = 0;
    maxLength = 0;
    end = 0;
    isInOrder = true;
    if (keyHigh.length > KEPT_CAPACITY) {
      resize(0);
    }
  }

  /**
   * Adds a version whose value is {@code length} bytes at {@code offset} from the start of the
   * values.
   *
   * @throws IllegalArgumentException if the value lies outside them, the key is {@link
   *     PageKey#MAX}, the LSN is not valid, or the LSN is below the previous one's
   */
  public void add(PageKey key, Lsn lsn, int offset, int length, ValueKind kind) {
    add(key.high(), key.low(), lsn.value(), offset, length, kind);
  }

  /**
   * Adds a version as {@link #add(PageKey, Lsn, int, int, ValueKind)} does, without objects.
   *
   * @param keyHigh {@link PageKey#high()}
   * @param keyLow {@link PageKey#low()}
   * @param lsn {@link Lsn#value()}
   */
  public void add(long keyHigh, long keyLow, long lsn, int offset, int length, ValueKind kind) {
    check(keyHigh, keyLow, lsn, offset, length);
    if (size == this.keyHigh.length) {
      grow();
    }
    this.keyHigh[size] = keyHigh;
    this.keyLow[size] = keyLow;
    this.lsn[size] = lsn;
    this.offset[size] = offset;
    this.length[size] = length;
    this.kind[size] = (byte) kind.id();
    maxLength = Math.max(maxLength, length);
    if (length > 0) {
      isInOrder &= offset >= end;
      end = Math.max(end, offset + length);
    }
    size++;
  }

  private void check(long keyHigh, long keyLow, long lsn, int offset, int length) {
    if (offset < 0 || length < 0 || offset > rawLength - length) {
      throw new IllegalArgumentException(
          "a value must be inside the batch's raw bytes: entry="
              + size
              + ", offset="
              + offset
              + ", length="
              + length
              + ", rawLength="
              + rawLength);
    }
    if (keyHigh == PageKey.MAX.high() && keyLow == PageKey.MAX.low()) {
      throw new IllegalArgumentException(
          "the key must not be the last one, which is reserved: entry=" + size);
    }
    if (lsn == Lsn.INVALID.value() || lsn == Lsn.MAX.value()) {
      throw new IllegalArgumentException(
          "not a version's LSN: entry=" + size + ", lsn=" + Lsn.of(lsn));
    }
    if (size > 0 && Long.compareUnsigned(lsn, this.lsn[size - 1]) < 0) {
      throw new IllegalArgumentException(
          "an LSN must be at least the one before it in the batch: entry="
              + size
              + ", lsn="
              + Lsn.of(lsn)
              + ", previous="
              + Lsn.of(this.lsn[size - 1]));
    }
  }

  private void grow() {
    resize(Math.max(FIRST_CAPACITY, Math.multiplyExact(keyHigh.length, 2)));
  }

  private void resize(int capacity) {
    keyHigh = Arrays.copyOf(keyHigh, capacity);
    keyLow = Arrays.copyOf(keyLow, capacity);
    lsn = Arrays.copyOf(lsn, capacity);
    offset = Arrays.copyOf(offset, capacity);
    length = Arrays.copyOf(length, capacity);
    kind = Arrays.copyOf(kind, capacity);
  }

  /**
   * Checks that no byte is part of two values: layers store each value separately, so shared bytes
   * would let a batch take many times its length there.
   *
   * @throws IllegalArgumentException if two values share bytes
   */
  public void requireDisjoint() {
    if (isInOrder) {
      return;
    }
    long[] places = new long[size];
    int count = 0;
    for (int entry = 0; entry < size; entry++) {
      if (length[entry] > 0) {
        places[count++] = (long) offset[entry] << Integer.SIZE | length[entry];
      }
    }
    Arrays.sort(places, 0, count);
    long free = 0;
    for (int i = 0; i < count; i++) {
      int start = (int) (places[i] >>> Integer.SIZE);
      int bytes = (int) places[i];
      if (start < free) {
        throw new IllegalArgumentException(
            "values share bytes, give each its own: offset="
                + start
                + ", length="
                + bytes
                + ", previousEnd="
                + free);
      }
      free = (long) start + bytes;
    }
  }

  public TimelineId timeline() {
    return timeline;
  }

  /** Returns the array that holds the values, from {@link #rawOffset()} on. */
  public byte[] raw() {
    return raw;
  }

  public int rawOffset() {
    return rawOffset;
  }

  /** Returns the length of all values together, in bytes. */
  public int rawLength() {
    return rawLength;
  }

  /** Returns the number of versions. */
  public int size() {
    return size;
  }

  /** Returns the length of the longest value in bytes; 0 for an empty batch. */
  public int maxLength() {
    return maxLength;
  }

  /** Returns the upper half of a version's key: {@link PageKey#high()}. */
  public long keyHigh(int entry) {
    return keyHigh[entry];
  }

  /** Returns the lower half of a version's key: {@link PageKey#low()}. */
  public long keyLow(int entry) {
    return keyLow[entry];
  }

  /** Returns a version's LSN as a number: {@link Lsn#value()}. */
  public long lsnValue(int entry) {
    return lsn[entry];
  }

  public PageKey key(int entry) {
    return new PageKey(keyHigh[entry], keyLow[entry]);
  }

  public Lsn lsn(int entry) {
    return Lsn.of(lsn[entry]);
  }

  /** Returns where the value starts, from {@link #rawOffset()} on. */
  public int offset(int entry) {
    return offset[entry];
  }

  /** Returns the value's length in bytes. */
  public int length(int entry) {
    return length[entry];
  }

  public ValueKind kind(int entry) {
    return ValueKind.of(kind[entry]);
  }
}
