package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.Arrays;

/**
 * A read-only stretch of a WAL record: little-endian numbers at offsets from its start. Reading
 * outside of it is a {@link WalException} that names the record, never an index error. Immutable.
 */
public final class WalBytes {
  /** No bytes. */
  public static final WalBytes EMPTY = new WalBytes(new byte[0], 0, 0, Lsn.INVALID);

  private final byte[] bytes;
  private final int start;
  private final int length;
  private final Lsn lsn;

  /**
   * @param lsn the record, for error messages
   */
  WalBytes(byte[] bytes, int start, int length, Lsn lsn) {
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.lsn = lsn;
  }

  /** Returns the length in bytes. */
  public int length() {
    return length;
  }

  /** Returns the unsigned byte at {@code offset}. */
  public int u8(int offset) {
    return bytes[at(offset, 1)] & 0xFF;
  }

  /** Returns the unsigned 16 bits at {@code offset}. */
  public int u16(int offset) {
    return LittleEndian.u16(bytes, at(offset, 2));
  }

  /** Returns the signed 32 bits at {@code offset}. */
  public int i32(int offset) {
    return LittleEndian.i32(bytes, at(offset, 4));
  }

  /** Returns the unsigned 32 bits at {@code offset}. */
  public long u32(int offset) {
    return LittleEndian.u32(bytes, at(offset, 4));
  }

  /** Returns the 64 bits at {@code offset}. */
  public long i64(int offset) {
    return LittleEndian.i64(bytes, at(offset, 8));
  }

  /** Returns the block number at {@code offset}, stored as two halves, the upper one first. */
  public long blockNumber(int offset) {
    return (long) u16(offset) << 16 | u16(offset + 2);
  }

  /** Returns a number of elements: a 32-bit count that is not negative. */
  public int count(int offset) {
    int count = i32(offset);
    if (count < 0) {
      throw error("negative count in a record: offset=" + offset + ", count=" + count);
    }
    return count;
  }

  /** Returns a number of elements that are there, after the count itself. */
  public int count(int offset, int elementBytes) {
    int count = count(offset);
    if (count > (length - offset - 4) / elementBytes) {
      throw error(
          "more elements announced than the record holds: offset=" + offset + ", count=" + count);
    }
    return count;
  }

  /** Returns {@code length} bytes from {@code offset} on, as a view. */
  public WalBytes slice(int offset, int length) {
    return new WalBytes(bytes, at(offset, length), length, lsn);
  }

  /** Returns what lies from {@code offset} to the end, as a view. */
  public WalBytes from(int offset) {
    return slice(offset, length - offset);
  }

  /** Returns the text from {@code offset} up to a zero byte, in the form of {@link RawText}. */
  public String cString(int offset) {
    return RawText.decode(bytes, start + offset, cStringBytes(offset) - 1);
  }

  /** Returns the length of the text at {@code offset} with its zero byte. */
  public int cStringBytes(int offset) {
    int end = offset;
    while (u8(end) != 0) {
      end++;
    }
    return end + 1 - offset;
  }

  /** Returns a copy. */
  public byte[] toArray() {
    return Arrays.copyOfRange(bytes, start, start + length);
  }

  private int at(int offset, int size) {
    if (offset < 0 || size < 0 || offset > length - size) {
      throw error(
          "record too short for its contents: offset="
              + offset
              + ", size="
              + size
              + ", available="
              + length);
    }
    return start + offset;
  }

  /** Returns an exception about these bytes' record. */
  public WalException error(String reason) {
    return new WalException(lsn, reason);
  }
}
