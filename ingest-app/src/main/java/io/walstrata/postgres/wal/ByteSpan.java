package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;

/**
 * A stretch of a record's bytes that can be moved to another record: as {@link WalBytes}, but
 * reused, so that reading a record allocates nothing. For one thread.
 *
 * <p>Reading outside of it is a {@link WalException}, never an index error.
 */
public final class ByteSpan {
  private byte[] bytes = new byte[0];
  private int start;
  private int length;
  private Lsn lsn = Lsn.INVALID;

  ByteSpan() {}

  /**
   * @param lsn the record, for error messages
   */
  void set(byte[] bytes, int start, int length, Lsn lsn) {
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.lsn = lsn;
  }

  /** Returns the length in bytes. */
  public int length() {
    return length;
  }

  public int u8(int offset) {
    return bytes[at(offset, 1)] & 0xFF;
  }

  public int u16(int offset) {
    return LittleEndian.u16(bytes, at(offset, 2));
  }

  public int i32(int offset) {
    return LittleEndian.i32(bytes, at(offset, 4));
  }

  public long u32(int offset) {
    return LittleEndian.u32(bytes, at(offset, 4));
  }

  public long i64(int offset) {
    return LittleEndian.i64(bytes, at(offset, 8));
  }

  /** Copies bytes out. The caller checks the target's bounds. */
  public void copyTo(int offset, byte[] target, int targetOffset, int count) {
    System.arraycopy(bytes, at(offset, count), target, targetOffset, count);
  }

  /** Returns a copy. */
  public byte[] toArray() {
    byte[] copy = new byte[length];
    copyTo(0, copy, 0, length);
    return copy;
  }

  private int at(int offset, int size) {
    if (offset < 0 || size < 0 || offset > length - size) {
      throw new WalException(
          lsn,
          "record too short for its contents: offset="
              + offset
              + ", size="
              + size
              + ", available="
              + length);
    }
    return start + offset;
  }
}
