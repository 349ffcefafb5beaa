package io.walstrata.layerstore.internal.format;

/** Computes the length of a Zstandard frame from its bytes (RFC 8878, section 3.1.1). */
final class ZstdFrame {
  /*
   * The library decompresses any number of consecutive frames, skippable ones too, and this release
   * does not report where the first one ends. A block has exactly one frame, or the same block
   * could be stored in several ways.
   */
  private static final int MAGIC = 0xFD2FB528;
  private static final int[] DICTIONARY_ID_BYTES = {0, 1, 2, 4};
  private static final int[] CONTENT_SIZE_BYTES = {0, 2, 4, 8};
  private static final int BLOCK_HEADER_BYTES = 3;
  private static final int RUN_LENGTH_BLOCK = 1;
  private static final int CHECKSUM_BYTES = 4;

  private ZstdFrame() {}

  /**
   * Returns the length of the frame at an offset.
   *
   * @throws IllegalArgumentException if there is none, or it does not end before {@code end}
   */
  static int length(byte[] bytes, int offset, int end) {
    if (end - offset < Integer.BYTES + 1 || number(bytes, offset, Integer.BYTES) != MAGIC) {
      throw new IllegalArgumentException("no Zstandard frame: offset=" + offset);
    }
    int at = offset + Integer.BYTES;
    int descriptor = bytes[at++];
    boolean isSingleSegment = (descriptor & 0x20) != 0;
    int sizeFlag = (descriptor >> 6) & 3;
    at += isSingleSegment ? 0 : 1; // the window
    at += DICTIONARY_ID_BYTES[descriptor & 3];
    at += sizeFlag == 0 && isSingleSegment ? 1 : CONTENT_SIZE_BYTES[sizeFlag];
    boolean isLast = false;
    while (!isLast) {
      if (end - at < BLOCK_HEADER_BYTES) {
        throw endsEarly(offset, end);
      }
      int header = number(bytes, at, BLOCK_HEADER_BYTES);
      isLast = (header & 1) != 0;
      boolean isRun = ((header >> 1) & 3) == RUN_LENGTH_BLOCK;
      at += BLOCK_HEADER_BYTES + (isRun ? 1 : header >> 3);
    }
    at += (descriptor & 4) != 0 ? CHECKSUM_BYTES : 0;
    if (at > end) {
      throw endsEarly(offset, end);
    }
    return at - offset;
  }

  private static IllegalArgumentException endsEarly(int offset, int end) {
    return new IllegalArgumentException(
        "a Zstandard frame ends early: offset=" + offset + ", end=" + end);
  }

  /** Returns a little-endian number. */
  private static int number(byte[] bytes, int at, int length) {
    int value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << 8 | (bytes[at + i] & 0xFF);
    }
    return value;
  }
}
