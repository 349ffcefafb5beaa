package io.walstrata.layerstore.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Checksums (CRC32C) of a file's chunks of one length, in memory. For one thread at a time. */
final class ChunkSums {
  private final int chunkBytes;
  private int[] sums = {};

  ChunkSums(int chunkBytes) {
    this.chunkBytes = chunkBytes;
  }

  /** Makes room for the chunks of a file of this length. */
  void makeRoom(long length) {
    int chunks = Math.toIntExact((length + chunkBytes - 1) / chunkBytes);
    if (chunks > sums.length) {
      sums = Arrays.copyOf(sums, Math.max(chunks, 2 * sums.length));
    }
  }

  /**
   * Keeps the sums of chunks for which there is room.
   *
   * @param position where a chunk starts
   * @param bytes chunks, of which the last one may not be full; they stay as they are
   */
  void put(long position, ByteBuffer bytes) {
    int chunk = (int) (position / chunkBytes);
    ByteBuffer rest = bytes.duplicate();
    while (rest.hasRemaining()) {
      int length = Math.min(chunkBytes, rest.remaining());
      sums[chunk++] = sum(rest.slice(rest.position(), length));
      rest.position(rest.position() + length);
    }
  }

  private static int sum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /**
   * Compares all chunks.
   *
   * @throws IOException if one is another than was put
   */
  void check(MappedValues values, long length, Path file) throws IOException {
    for (long position = 0; position < length; position += chunkBytes) {
      int expected = sums[(int) (position / chunkBytes)];
      int actual = sum(values.slice(position, (int) Math.min(chunkBytes, length - position)));
      if (actual != expected) {
        throw new IOException(
            String.format(
                "values came back from the disk other than they were written, and are not written"
                    + " to layer files; a restart takes them from the log again: file=%s,"
                    + " position=%d, expected=%08x, actual=%08x",
                file, position, expected, actual));
      }
    }
  }

  /** Returns the memory that the sums take, in bytes. */
  long heapBytes() {
    return (long) Integer.BYTES * sums.length;
  }
}
