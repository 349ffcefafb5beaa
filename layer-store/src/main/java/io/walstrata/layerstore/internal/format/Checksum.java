package io.walstrata.layerstore.internal.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Computes CRC32C (Castagnoli), the only checksum in all files. */
final class Checksum {
  /** The id of the algorithm in files. */
  static final int CRC32C_ID = 1;

  static final int BYTES = 4;

  private Checksum() {}

  /**
   * Sets the last four bytes to the checksum of all bytes before them, and returns the same array.
   */
  static byte[] seal(byte[] bytes) {
    int length = bytes.length - BYTES;
    ByteBuffer.wrap(bytes).putInt(length, of(bytes, 0, length));
    return bytes;
  }

  static int of(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  /** Returns the checksum of two pieces, the second after the first. */
  static int of(
      byte[] first, int firstOffset, int firstLength, byte[] next, int nextOffset, int nextLength) {
    CRC32C crc = new CRC32C();
    crc.update(first, firstOffset, firstLength);
    crc.update(next, nextOffset, nextLength);
    return (int) crc.getValue();
  }
}
