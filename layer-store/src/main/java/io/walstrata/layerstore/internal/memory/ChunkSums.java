package io.walstrata.layerstore.internal.memory;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Holds the checksums (CRC32C) of a file that is written in chunks of one length, one for each
 * block of a chunk. One thread at a time puts; any number checks what was put before.
 */
final class ChunkSums {
  /*
   * Reading one value means reading and checking whole blocks, so a block is short; and each has
   * four bytes here, so it is not too short. A chunk's last block is shorter where its length is
   * not a multiple: no block lies in two chunks.
   */
  static final int BLOCK_BYTES = 4096;

  /** Bytes that are read back at once. */
  static final int PIECE_BYTES = 1 << 16;

  private final int chunkBytes;
  private final int blocksPerChunk;
  private volatile int[] sums = {}; // a longer array is complete before it is published

  ChunkSums(int chunkBytes) {
    this.chunkBytes = chunkBytes;
    blocksPerChunk = (chunkBytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
  }

  /** Makes room for the sums of a file of this length. */
  void makeRoom(long length) {
    int blocks = Math.toIntExact((length + chunkBytes - 1) / chunkBytes * blocksPerChunk);
    int[] known = sums;
    if (blocks > known.length) {
      sums = Arrays.copyOf(known, Math.max(blocks, 2 * known.length));
    }
  }

  /**
   * Stores the sums of chunks; there must be room for them.
   *
   * @param position position at which a chunk starts
   * @param bytes chunks, of which the last one need not be full; not changed
   */
  void put(long position, ByteBuffer bytes) {
    int[] target = sums;
    CRC32C crc = new CRC32C();
    ByteBuffer rest = bytes.duplicate();
    for (long at = position; rest.hasRemaining(); at = blockEnd(at)) {
      target[number(at)] = nextSum(crc, rest, at);
    }
  }

  /** Returns the sum of the block at a position, and moves the bytes to the next block. */
  private int nextSum(CRC32C crc, ByteBuffer bytes, long position) {
    int limit = bytes.limit();
    int length = (int) Math.min(bytes.remaining(), blockEnd(position) - position);
    bytes.limit(bytes.position() + length);
    crc.reset();
    crc.update(bytes);
    bytes.limit(limit);
    return (int) crc.getValue();
  }

  private int number(long position) {
    int inChunk = (int) (position % chunkBytes);
    return (int) (position / chunkBytes) * blocksPerChunk + inChunk / BLOCK_BYTES;
  }

  /** Returns the start of the block that has the byte at a position. */
  long blockStart(long position) {
    long inChunk = position % chunkBytes;
    return position - inChunk % BLOCK_BYTES;
  }

  /** Returns the end, exclusive, of the block that has the byte at a position. */
  long blockEnd(long position) {
    long chunk = position - position % chunkBytes;
    return Math.min(blockStart(position) + BLOCK_BYTES, chunk + chunkBytes);
  }

  /**
   * Returns the end, exclusive, of a piece of whole blocks that starts at a position and has at
   * most {@link #PIECE_BYTES}.
   *
   * @param end the end of the last piece
   */
  long pieceEnd(long position, long end) {
    return position + PIECE_BYTES < end ? blockStart(position + PIECE_BYTES) : end;
  }

  /**
   * Compares blocks that were read back with their sums.
   *
   * @param position position at which the first of them starts
   * @param bytes whole blocks, as they were put; not changed
   * @throws DamagedValuesException if one differs from what was put
   */
  void check(long position, ByteBuffer bytes, Path file) throws DamagedValuesException {
    int[] known = sums;
    CRC32C crc = new CRC32C();
    ByteBuffer rest = bytes.duplicate();
    for (long at = position; rest.hasRemaining(); at = blockEnd(at)) {
      int expected = known[number(at)];
      int actual = nextSum(crc, rest, at);
      if (actual != expected) {
        throw new DamagedValuesException(
            file,
            at,
            String.format(
                "checksum of up to %d bytes does not match: expected=%08x, actual=%08x",
                BLOCK_BYTES, expected, actual),
            null);
      }
    }
  }

  /**
   * Compares all blocks of a file with their sums.
   *
   * @throws DamagedValuesException if a block differs from what was put, or cannot be read back
   */
  void check(MappedValues values, long length, Path file) throws DamagedValuesException {
    // Copied first: the JDK turns a fault under a mapping into an error for a copy, not for a sum.
    byte[] piece = new byte[(int) Math.min(PIECE_BYTES, length)];
    long position = 0;
    while (position < length) {
      long next = pieceEnd(position, length);
      int bytes = (int) (next - position);
      try {
        values.copy(position, piece, 0, bytes);
      } catch (InternalError e) {
        throw new DamagedValuesException(file, position, "cannot be read back: " + e, e);
      }
      check(position, ByteBuffer.wrap(piece, 0, bytes), file);
      position = next;
    }
  }

  /** Returns the memory that the sums take, in bytes. */
  long heapBytes() {
    return (long) Integer.BYTES * sums.length;
  }
}
