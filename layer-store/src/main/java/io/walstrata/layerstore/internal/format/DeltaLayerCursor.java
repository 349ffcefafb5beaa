package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file by ascending key and none of its blocks twice. Holds two blocks, and two pieces that
 * were read ahead.
 */
final class DeltaLayerCursor implements VersionCursor {
  /*
   * Keys ascend, and a key's versions are read from the newest down. So the block that was reached
   * first for a key is the last one that any key so far has needed, and the next key is in it or
   * after it. Only the block where the key before ended is needed again: it may hold the key's
   * oldest versions. Those two are held; blocks between them belong to this key alone. For the same
   * reason two pieces that were read ahead are held.
   */
  /** Blocks with no more than this between them are read in one piece. */
  private static final int MAX_GAP_BYTES = 16 << 10;

  /** Chooses the last block to read together with a first one. */
  private interface ReadAhead {
    int lastBlock(int first);
  }

  /** Blocks that were read at once. */
  private record Piece(int first, int last, FileBytes bytes) {
    boolean has(int number) {
      return number >= first && number <= last;
    }
  }

  private final DeltaLayerReader reader;
  private final BlockIndex index;
  private final PageKey endKey;
  private final List<PageKey> keys; // that will be read; empty if all of a range may be
  private final int maxReadBytes;
  private final CostCounter cost;
  private final ReadAhead readAhead;

  private int lowNumber = -1;
  private int highNumber = -1;
  private @Nullable Block low;
  private @Nullable Block high;

  private @Nullable Piece lowPiece;
  private @Nullable Piece highPiece;

  private int lastInOrder = -1; // the last block that was read in order
  private long readAheadBytes; // of a range
  private int keysDone; // of a list of keys, the number that was read or skipped

  /** Creates a cursor over all keys of a range. */
  DeltaLayerCursor(DeltaLayerReader reader, KeyRange range, int maxReadBytes, CostCounter cost) {
    this.reader = reader;
    this.index = reader.index();
    this.endKey = range.endKey();
    this.keys = List.of();
    this.maxReadBytes = maxReadBytes;
    this.cost = cost;
    int lastWanted = index.floor(endKey, Lsn.INVALID);
    this.readAhead = first -> lastInRange(first, lastWanted);
  }

  /** Creates a cursor over a sorted list of keys, as of one LSN. */
  DeltaLayerCursor(
      DeltaLayerReader reader, List<PageKey> keys, Lsn asOf, int maxReadBytes, CostCounter cost) {
    this.reader = reader;
    this.index = reader.index();
    this.endKey = PageKey.MAX;
    this.keys = keys;
    this.maxReadBytes = maxReadBytes;
    this.cost = cost;
    this.readAhead = first -> lastForKeys(first, asOf);
  }

  /** Returns the last block to read: twice as far each time, while blocks are read in order. */
  private int lastInRange(int first, int lastWanted) {
    boolean inOrder = first == lastInOrder + 1 && first > 0;
    readAheadBytes = inOrder ? Math.max(2 * readAheadBytes, 2L * index.length(first)) : 0;
    long end = index.position(first) + Math.min(readAheadBytes, maxReadBytes);
    int last = first;
    while (last < lastWanted && index.end(last + 1) <= end) {
      last++;
    }
    return last;
  }

  /** Returns the last block to read: the blocks of the next keys too, if the gaps are small. */
  private int lastForKeys(int first, Lsn asOf) {
    int last = first;
    for (int i = keysDone; i < keys.size(); i++) {
      PageKey key = keys.get(i);
      int number = index.floor(key, asOf);
      if (number > last) {
        if (index.end(number) - index.position(first) > maxReadBytes
            || index.position(number) - index.end(last) > MAX_GAP_BYTES
            || key.compareTo(reader.footer().keyRange().endKey()) >= 0) {
          return last;
        }
        last = reader.mayContain(key) ? number : last;
      }
    }
    return last;
  }

  @Override
  public @Nullable PageKey ceiling(PageKey from) throws IOException {
    PageKey key = null;
    int number = index.floor(from, Lsn.INVALID);
    if (number >= 0) {
      Block block = block(number);
      int run = block.floor(from);
      if (run < 0 || !block.key(run).equals(from)) {
        run++;
      }
      key = run < block.keys() ? block.key(run) : null;
    }
    if (key == null && number + 1 < index.blocks()) {
      key = index.key(number + 1);
    }
    return key == null || key.compareTo(endKey) >= 0 ? null : key;
  }

  @Override
  public void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor) throws IOException {
    while (keysDone < keys.size() && keys.get(keysDone).compareTo(key) <= 0) {
      keysDone++;
    }
    reader.descend(key, asOf, above, visitor, this::block, cost);
  }

  private Block block(int number) throws IOException {
    if (number == highNumber && high != null) {
      return high;
    }
    if (number == lowNumber && low != null) {
      return low;
    }
    boolean inOrder = number > highNumber;
    Block block = reader.block(number, bytes(number, inOrder), cost);
    if (inOrder) {
      lowNumber = highNumber;
      low = high;
      highNumber = number;
      high = block;
    }
    return block;
  }

  private FileBytes bytes(int number, boolean inOrder) throws IOException {
    if (highPiece != null && highPiece.has(number)) {
      return slice(highPiece, number);
    }
    if (lowPiece != null && lowPiece.has(number)) {
      return slice(lowPiece, number);
    }
    if (!inOrder) {
      return reader.read(number, number, cost);
    }
    int last = readAhead.lastBlock(number);
    FileBytes read = reader.read(number, last, cost);
    lastInOrder = last;
    lowPiece = highPiece;
    highPiece = last > number ? new Piece(number, last, read) : null;
    return highPiece == null ? read : slice(highPiece, number);
  }

  private FileBytes slice(Piece piece, int number) {
    int at = (int) (index.position(number) - index.position(piece.first));
    return piece.bytes.slice(at, index.length(number));
  }
}
