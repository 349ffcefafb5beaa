package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** A piece of a file in memory. Exceptions about its content name the file and the offset. */
final class FileBytes {
  private final String file;
  private final long base;
  private final byte[] bytes;
  private final ByteBuffer buffer;
  private final boolean isPlain; // as it is in the file, not decompressed

  /**
   * @param base the offset in the file where {@code bytes} start
   */
  FileBytes(String file, long base, byte[] bytes) {
    this(file, base, bytes, /* isPlain= */ true);
  }

  private FileBytes(String file, long base, byte[] bytes, boolean isPlain) {
    this.file = file;
    this.base = base;
    this.bytes = bytes;
    this.buffer = ByteBuffer.wrap(bytes);
    this.isPlain = isPlain;
  }

  /** Reads a piece, which the caller has checked to be inside the file's length at opening. */
  static FileBytes read(LayerFileInput input, long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    try {
      input.read(position, ByteBuffer.wrap(bytes));
    } catch (EOFException e) {
      CorruptLayerException shrunk =
          new CorruptLayerException(
              input.name(), position, "file length", input.length(), "less since it was opened");
      shrunk.initCause(e);
      throw shrunk;
    }
    return new FileBytes(input.name(), position, bytes);
  }

  /**
   * Returns bytes that were decompressed from these. Exceptions about them name the offset where
   * the compressed bytes start.
   */
  FileBytes with(byte[] decompressed) {
    return new FileBytes(file, base, decompressed, /* isPlain= */ false);
  }

  /** Returns a copy of a part. */
  FileBytes slice(int at, int length) {
    return new FileBytes(file, base + at, Arrays.copyOfRange(bytes, at, at + length));
  }

  int length() {
    return bytes.length;
  }

  byte[] array() {
    return bytes;
  }

  int u8(int at) {
    return buffer.get(at) & 0xFF;
  }

  int u16(int at) {
    return buffer.getShort(at) & 0xFFFF;
  }

  int i32(int at) {
    return buffer.getInt(at);
  }

  long i64(int at) {
    return buffer.getLong(at);
  }

  Lsn lsn(int at) {
    return Lsn.of(i64(at));
  }

  TimelineId timeline(int at) {
    return new TimelineId(i64(at), i64(at + Long.BYTES));
  }

  PageKey key(int at) throws CorruptLayerException {
    try {
      return PageKey.read(bytes, at);
    } catch (UnrepresentableKeyException e) {
      throw corrupt(at, "key", "a representable key", HexFormat.of().formatHex(bytes, at, at + 18));
    }
  }

  KeyRange keyRange(int at) throws CorruptLayerException {
    PageKey start = key(at);
    PageKey end = key(at + PageKey.BYTES);
    if (end.compareTo(start) <= 0) {
      throw corrupt(at, "key range", "an end greater than " + start, end);
    }
    return new KeyRange(start, end);
  }

  LsnRange lsnRange(int at) throws CorruptLayerException {
    Lsn start = lsn(at);
    Lsn end = lsn(at + Long.BYTES);
    if (!start.isValid()) {
      throw corrupt(at, "LSN range", "a start at a version's LSN", start);
    }
    if (end.compareTo(start) <= 0) {
      throw corrupt(at, "LSN range", "an end greater than " + start, end);
    }
    return new LsnRange(start, end);
  }

  /** Checks the CRC32C in the last four bytes, which is over all bytes before it. */
  void checkTrailingChecksum(String what) throws CorruptLayerException {
    int at = bytes.length - Checksum.BYTES;
    int actual = Checksum.of(bytes, 0, at);
    if (actual != i32(at)) {
      throw new CorruptLayerException(file, base, what + " checksum", hex(i32(at)), hex(actual));
    }
  }

  void checkEqual(int at, String what, long expected, long actual) throws CorruptLayerException {
    if (expected != actual) {
      throw corrupt(at, what, expected, actual);
    }
  }

  void checkEqual(int at, String what, Object expected, Object actual)
      throws CorruptLayerException {
    if (!expected.equals(actual)) {
      throw corrupt(at, what, expected, actual);
    }
  }

  CorruptLayerException corrupt(int at, String what, Object expected, Object actual) {
    return new CorruptLayerException(file, isPlain ? base + at : base, what, expected, actual);
  }

  static String hex(int crc) {
    return "0x" + HexFormat.of().toHexDigits(crc);
  }
}
