package io.walstrata.postgres.page;

import io.walstrata.postgres.wal.LittleEndian;
import java.util.Arrays;

/**
 * One segment of a compressed posting list: item pointers in ascending order, the first as it is,
 * each other one as the difference to the one before it.
 *
 * <p>An item is the number {@code block << 11 | offset}, of 43 bits. A difference is written in
 * groups of seven bits, the lowest first; the highest bit of a byte states that another one
 * follows.
 *
 * <p>In PostgreSQL: {@code access/ginblock.h}, {@code ginpostinglist.c}.
 */
public final class GinPostingList {
  /*
   * first 6: block 4 (upper half, lower half), offset 2 | nbytes 2 | differences nbytes
   * A segment is padded with a zero to an even length.
   */

  /** Length of an item pointer that is not compressed. */
  public static final int ITEM_POINTER_BYTES = 6;

  private static final int HEADER_BYTES = ITEM_POINTER_BYTES + 2;
  private static final int OFFSET_BITS = 11;
  private static final long MAX_ITEM = (1L << (32 + OFFSET_BITS)) - 1;

  private GinPostingList() {}

  /** Returns the length of a segment with so many bytes of differences, with padding. */
  public static int segmentBytes(int nbytes) {
    return HEADER_BYTES + (nbytes + 1 & ~1);
  }

  /**
   * Returns the length of the segment at an offset, with padding.
   *
   * @param end where the segments end
   * @throws PageException if it does not end before
   */
  public static int segmentBytes(byte[] from, int at, int end) {
    int length =
        end - at < HEADER_BYTES
            ? HEADER_BYTES
            : segmentBytes(LittleEndian.u16(from, at + ITEM_POINTER_BYTES));
    if (length > end - at) {
      throw new PageException(
          "posting list does not end within its page: offset=" + at + ", length=" + length);
    }
    return length;
  }

  /**
   * Returns the items of the segment at an offset.
   *
   * @param end where the segments end
   * @throws PageException if it is damaged
   */
  public static long[] decode(byte[] from, int at, int end) {
    segmentBytes(from, at, end);
    int nbytes = LittleEndian.u16(from, at + ITEM_POINTER_BYTES);
    int next = at + HEADER_BYTES;
    int limit = next + nbytes;
    long[] items = new long[1 + count(from, next, limit)];
    items[0] =
        item(
            LittleEndian.u16(from, at),
            LittleEndian.u16(from, at + 2),
            LittleEndian.u16(from, at + 4));
    for (int i = 1; i < items.length; i++) {
      long difference = 0;
      int shift = 0;
      int group;
      do {
        group = from[next++];
        difference |= (group & 0x7FL) << shift;
        shift += 7;
      } while (group < 0 && shift <= OFFSET_BITS + 32);
      items[i] = items[i - 1] + difference;
      if (group < 0 || difference == 0 || items[i] > MAX_ITEM) {
        throw new PageException("posting list is damaged: offset=" + at + ", item=" + i);
      }
    }
    return items;
  }

  /** Returns how many differences there are: those bytes that no other one follows. */
  private static int count(byte[] from, int start, int limit) {
    int count = 0;
    for (int i = start; i < limit; i++) {
      count += from[i] >= 0 ? 1 : 0;
    }
    if (limit > start && from[limit - 1] < 0) {
      throw new PageException("posting list ends within a difference: offset=" + start);
    }
    return count;
  }

  /**
   * Writes a segment.
   *
   * @param items ascending, at least one
   * @param count how many of them
   * @param limit the segment must end here at the latest
   * @return its length, with padding
   * @throws PageException if the items are not in order, or do not fit
   */
  public static int encode(long[] items, int count, byte[] to, int at, int limit) {
    if (count < 1 || limit - at < HEADER_BYTES) {
      throw noRoom(count);
    }
    long previous = items[0];
    LittleEndian.putU16(to, at, (int) (previous >>> (OFFSET_BITS + 16)));
    LittleEndian.putU16(to, at + 2, (int) (previous >>> OFFSET_BITS));
    LittleEndian.putU16(to, at + 4, (int) previous & (1 << OFFSET_BITS) - 1);
    int next = at + HEADER_BYTES;
    for (int i = 1; i < count; i++) {
      long difference = items[i] - previous;
      if (difference <= 0) {
        throw new PageException("items of a posting list are not in order: item=" + i);
      }
      for (; difference > 0x7F; difference >>>= 7) {
        next = put(to, next, limit, ((int) difference & 0x7F) | 0x80, count);
      }
      next = put(to, next, limit, (int) difference, count);
      previous = items[i];
    }
    int nbytes = next - at - HEADER_BYTES;
    LittleEndian.putU16(to, at + ITEM_POINTER_BYTES, nbytes);
    if (nbytes % 2 != 0) {
      next = put(to, next, limit, 0, count);
    }
    return next - at;
  }

  private static int put(byte[] to, int at, int limit, int value, int count) {
    if (at >= limit) {
      throw noRoom(count);
    }
    to[at] = (byte) value;
    return at + 1;
  }

  private static PageException noRoom(int count) {
    return new PageException("no room for a posting list: items=" + count);
  }

  /**
   * Returns an item pointer as a number.
   *
   * @param upper upper half of the block number
   * @param lower lower half of the block number
   * @throws PageException if no heap tuple has this offset number
   */
  public static long item(int upper, int lower, int offset) {
    if (offset < 1 || offset >= 1 << OFFSET_BITS) {
      throw new PageException("item pointer with an impossible offset number: offset=" + offset);
    }
    return ((long) upper << 16 | lower) << OFFSET_BITS | offset;
  }

  /** Returns all items of two ascending lists, each once. */
  public static long[] merge(long[] a, long[] b) {
    long[] merged = new long[a.length + b.length];
    int count = 0;
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      long next;
      if (j == b.length || (i < a.length && a[i] <= b[j])) {
        next = a[i++];
        if (j < b.length && b[j] == next) {
          j++;
        }
      } else {
        next = b[j++];
      }
      merged[count++] = next;
    }
    return count == merged.length ? merged : Arrays.copyOf(merged, count);
  }
}
