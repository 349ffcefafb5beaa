package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;

/** The position and the first (key, LSN) of each block, in 32 bytes of memory per block. */
final class BlockIndex {
  private static final int HEAP_BYTES_PER_BLOCK = 4 * Long.BYTES;
  private static final int MIN_BLOCK = BLOCK_OVERHEAD + 1;
  private static final int MAX_BLOCK = BLOCK_OVERHEAD + MAX_BODY;

  private final long[] keyHigh;
  private final long[] keyLow;
  private final long[] lsn;
  private final long[] position;
  private final long end;

  /** Reads the index, and checks that it is sorted and that the blocks fill their section. */
  BlockIndex(FileBytes bytes, DeltaLayerFooter footer) throws CorruptLayerException {
    bytes.checkTrailingChecksum("block index");
    int blocks = (bytes.length() - Checksum.BYTES) / BLOCK_REF_LENGTH;
    keyHigh = new long[blocks];
    keyLow = new long[blocks];
    lsn = new long[blocks];
    position = new long[blocks];
    end = footer.indexPosition();
    for (int i = 0; i < blocks; i++) {
      int at = i * BLOCK_REF_LENGTH;
      PageKey key = bytes.key(at);
      keyHigh[i] = key.high();
      keyLow[i] = key.low();
      lsn[i] = bytes.i64(at + BLOCK_REF_LSN);
      position[i] = bytes.i64(at + BLOCK_REF_POSITION);
      check(bytes, at, i);
    }
    if (blocks == 0) {
      bytes.checkEqual(0, "index position of a file without blocks", HEADER_LENGTH, end);
    }
  }

  private void check(FileBytes bytes, int at, int block) throws CorruptLayerException {
    int positionAt = at + BLOCK_REF_POSITION;
    if (block == 0) {
      bytes.checkEqual(positionAt, "first block's position", HEADER_LENGTH, position[0]);
    } else {
      if (compare(block, key(block - 1), lsn(block - 1)) <= 0) {
        throw bytes.corrupt(
            at, "block order", "after " + key(block - 1) + "@" + lsn(block - 1), key(block));
      }
      checkLength(bytes, positionAt, position[block] - position[block - 1]);
    }
    if (block == position.length - 1) {
      checkLength(bytes, positionAt, end - position[block]);
    }
  }

  private static void checkLength(FileBytes bytes, int at, long length)
      throws CorruptLayerException {
    // A block is read in one piece, so a length that no writer makes must not be allocated.
    if (length < MIN_BLOCK || length > MAX_BLOCK) {
      throw bytes.corrupt(at, "block length", MIN_BLOCK + " to " + MAX_BLOCK, length);
    }
  }

  long heapBytes() {
    return (long) HEAP_BYTES_PER_BLOCK * blocks();
  }

  int blocks() {
    return position.length;
  }

  PageKey key(int block) {
    return new PageKey(keyHigh[block], keyLow[block]);
  }

  Lsn lsn(int block) {
    return Lsn.of(lsn[block]);
  }

  long position(int block) {
    return position[block];
  }

  /** Returns the position where the block ends and the next one starts. */
  long end(int block) {
    return block + 1 < position.length ? position[block + 1] : end;
  }

  int length(int block) {
    return (int) (end(block) - position[block]);
  }

  /** Returns the last block that starts at or before (key, LSN); -1 if all start after it. */
  int floor(PageKey key, Lsn lsn) {
    int low = 0;
    int high = position.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (compare(middle, key, lsn) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  private int compare(int block, PageKey key, Lsn lsn) {
    int order = key(block).compareTo(key);
    return order != 0 ? order : lsn(block).compareTo(lsn);
  }
}
