package io.walstrata.layerstore.internal.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli), the one checksum of all files. */
final class Checksum {
  /** How a file names the algorithm. */
  static final int CRC32C_ID = 1;

  static final int BYTES = 4;

  private Checksum() {}

  /** Fills the last four bytes with the checksum of all before, and returns the same array. */
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

  /** Returns the checksum of two pieces, one behind the other. */
  static int of(
      byte[] first, int firstOffset, int firstLength, byte[] next, int nextOffset, int nextLength) {
    CRC32C crc = new CRC32C();
    crc.update(first, firstOffset, firstLength);
    crc.update(next, nextOffset, nextLength);
    return (int) crc.getValue();
  }
}
