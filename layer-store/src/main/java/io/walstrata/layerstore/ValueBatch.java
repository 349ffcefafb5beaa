package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueKind;
import java.util.Arrays;

/**
 * Many versions of one timeline: their values back to back in one array, and an index over it in
 * primitive arrays. A writer keeps one and fills it again for each message. Not thread-safe.
 */
public final class ValueBatch {
  private static final byte[] NOTHING = {};

  private TimelineId timeline = new TimelineId(0, 0);
  private byte[] raw = NOTHING;
  private int rawOffset;
  private int rawLength;
  private int size;
  private int maxLength;
  private long[] keyHigh = new long[16];
  private long[] keyLow = new long[16];
  private long[] lsn = new long[16];
  private int[] offset = new int[16];
  private int[] length = new int[16];
  private byte[] kind = new byte[16];

  /**
   * Empties the batch for values in {@code rawLength} bytes of {@code raw}, which is not copied.
   */
  public void reset(TimelineId timeline, byte[] raw, int rawOffset, int rawLength) {
    if (rawOffset < 0 || rawLength < 0 || rawOffset > raw.length - rawLength) {
      throw new IllegalArgumentException(
          "values outside the array: rawOffset="
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
  }

  /**
   * Adds a version whose value is {@code length} bytes at {@code offset} from the start of the
   * values.
   *
   * @throws IllegalArgumentException if the value lies outside the values, the key is {@link
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
    size++;
  }

  private void check(long keyHigh, long keyLow, long lsn, int offset, int length) {
    if (offset < 0 || length < 0 || offset > rawLength - length) {
      throw new IllegalArgumentException(
          "value outside the raw bytes: entry="
              + size
              + ", offset="
              + offset
              + ", length="
              + length
              + ", rawLength="
              + rawLength);
    }
    if (keyHigh == PageKey.MAX.high() && keyLow == PageKey.MAX.low()) {
      throw new IllegalArgumentException("the last key is reserved: entry=" + size);
    }
    if (lsn == Lsn.INVALID.value() || lsn == Lsn.MAX.value()) {
      throw new IllegalArgumentException(
          "not a version's LSN: entry=" + size + ", lsn=" + Lsn.of(lsn));
    }
    if (size > 0 && Long.compareUnsigned(lsn, this.lsn[size - 1]) < 0) {
      throw new IllegalArgumentException(
          "LSN goes back inside a batch: entry="
              + size
              + ", lsn="
              + Lsn.of(lsn)
              + ", previous="
              + Lsn.of(this.lsn[size - 1]));
    }
  }

  private void grow() {
    int capacity = Math.multiplyExact(keyHigh.length, 2);
    keyHigh = Arrays.copyOf(keyHigh, capacity);
    keyLow = Arrays.copyOf(keyLow, capacity);
    lsn = Arrays.copyOf(lsn, capacity);
    offset = Arrays.copyOf(offset, capacity);
    length = Arrays.copyOf(length, capacity);
    kind = Arrays.copyOf(kind, capacity);
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

  long keyHigh(int entry) {
    return keyHigh[entry];
  }

  long keyLow(int entry) {
    return keyLow[entry];
  }

  long lsnValue(int entry) {
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
