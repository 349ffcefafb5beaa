package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * Reads a delta layer file. Opening checks header, footer, length, index, tombstones and filter,
 * and keeps the last three in memory; a block is checked whenever it is read. Any number of threads
 * may read at once, but not after it is closed.
 */
public final class DeltaLayerReader implements Closeable {
  private final LayerFileInput input;
  private final DeltaLayerFooter footer;
  private final BlockIndex index;
  private final List<Tombstone> tombstones;
  private final KeyFilter filter;

  private DeltaLayerReader(LayerFileInput input, DeltaLayerFooter footer) throws IOException {
    this.input = input;
    this.footer = footer;
    index = new BlockIndex(section(footer.indexPosition(), footer.tombstonesPosition()), footer);
    tombstones = tombstones(section(footer.tombstonesPosition(), footer.filterPosition()));
    FileBytes filterBytes = section(footer.filterPosition(), footer.footerPosition());
    filterBytes.checkTrailingChecksum("key filter");
    filter = KeyFilter.decode(filterBytes);
  }

  /**
   * Returns a reader of a file; closing it closes {@code input}, and so does a failure here.
   *
   * @throws CorruptLayerException if the bytes differ from what was written
   * @throws io.walstrata.layerstore.page.UnsupportedFormatException if the file is of a version
   *     that cannot be read
   */
  public static DeltaLayerReader open(LayerFileInput input) throws IOException {
    boolean opened = false;
    try {
      DeltaLayerReader reader = over(input, new CostCounter());
      opened = true;
      return reader;
    } finally {
      if (!opened) {
        input.close();
      }
    }
  }

  /**
   * Returns a reader of a file that others may be reading too, as a part of a read. Fails as {@link
   * #open} does, but leaves {@code input} open.
   */
  public static DeltaLayerReader over(LayerFileInput input, CostCounter cost) throws IOException {
    DeltaLayerReader reader = new DeltaLayerReader(input, FooterCodec.read(input));
    cost.fileRead(reader.footer.fileLength() - reader.footer.indexPosition());
    return reader;
  }

  /** Reads and checks header, footer and length only. Leaves {@code input} open. */
  public static DeltaLayerFooter readFooter(LayerFileInput input) throws IOException {
    return FooterCodec.read(input);
  }

  /**
   * Returns whether a file, or its footer, begins with the magic number of a delta layer file. A
   * file without it, and without such a name, is not a layer file.
   */
  public static boolean isMarked(LayerFileInput input) throws IOException {
    return FooterCodec.isMarked(input);
  }

  private FileBytes section(long start, long end) throws IOException {
    long length = end - start;
    if (length > Integer.MAX_VALUE - 8) {
      throw new CorruptLayerException(
          input.name(), start, "section length", "at most " + (Integer.MAX_VALUE - 8), length);
    }
    return FileBytes.read(input, start, (int) length);
  }

  private List<Tombstone> tombstones(FileBytes bytes) throws CorruptLayerException {
    bytes.checkTrailingChecksum("tombstones");
    TombstoneList.Builder list = new TombstoneList.Builder((int) footer.tombstones());
    Tombstone last = null;
    for (int at = 0; at < bytes.length() - Checksum.BYTES; at += TOMBSTONE_LENGTH) {
      Tombstone tombstone = new Tombstone(bytes.keyRange(at), bytes.lsn(at + TOMBSTONE_LSN));
      if (last != null && tombstone.compareTo(last) <= 0) {
        throw bytes.corrupt(at, "tombstone order", "after " + last, tombstone);
      }
      if (!footer.lsnRange().contains(tombstone.lsn()) || !inside(tombstone.keys())) {
        throw bytes.corrupt(at, "tombstone", "one inside the layer's ranges", tombstone);
      }
      list.add(tombstone);
      last = tombstone;
    }
    return list.finish();
  }

  private boolean inside(KeyRange keys) {
    return keys.startKey().compareTo(footer.keyRange().startKey()) >= 0
        && keys.endKey().compareTo(footer.keyRange().endKey()) <= 0;
  }

  /** Returns the facts that the footer states. */
  public DeltaLayerFooter footer() {
    return footer;
  }

  /** Returns the heap that the index, the tombstones and the filter take, in bytes. */
  public long heapBytes() {
    return index.heapBytes()
        + filter.heapBytes()
        + (long) TombstoneList.BYTES_EACH * tombstones.size();
  }

  /** Returns the tombstones, sorted. */
  public List<Tombstone> tombstones() {
    return tombstones;
  }

  /** Returns false if there is certainly no version of the key. Reads nothing. */
  public boolean mayContain(PageKey key) {
    return footer.keyRange().contains(key) && filter.mayContain(Mix.hash(key));
  }

  /** Returns whether there is a version of this key at this LSN. */
  public boolean contains(PageKey key, Lsn lsn) throws IOException {
    CostCounter ignored = new CostCounter();
    if (!mayContain(key)) {
      return false;
    }
    int blockNumber = index.floor(key, lsn);
    if (blockNumber < 0) {
      return false;
    }
    Block block = block(blockNumber, ignored);
    int run = block.floor(key);
    if (run < 0 || !block.key(run).equals(key)) {
      return false;
    }
    int entry = block.floor(run, lsn);
    return entry >= block.start(run) && block.lsn(entry).equals(lsn);
  }

  /**
   * Visits a key's versions from newest to oldest, until the visitor returns false.
   *
   * @param asOf the newest LSN to visit, inclusive
   * @param above the LSN to stop at, exclusive; {@link Lsn#INVALID} for none
   */
  public void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor, CostCounter cost)
      throws IOException {
    descend(key, asOf, above, visitor, number -> block(number, cost), cost);
  }

  /** Returns blocks by number. */
  interface BlockSource {
    Block block(int number) throws IOException;
  }

  /** Visits a key's versions as the method above does, with blocks from another source. */
  void descend(
      PageKey key,
      Lsn asOf,
      Lsn above,
      VersionVisitor visitor,
      BlockSource blocks,
      CostCounter cost)
      throws IOException {
    if (!mayContain(key)) {
      cost.filterSaved();
      return;
    }
    for (int number = index.floor(key, asOf); number >= 0; number--) {
      Block block = blocks.block(number);
      int run = block.floor(key);
      if (run < 0 || !block.key(run).equals(key)) {
        return;
      }
      for (int entry = block.floor(run, asOf); entry >= block.start(run); entry--) {
        Lsn lsn = block.lsn(entry);
        if (!lsn.isAfter(above)) {
          return;
        }
        cost.keep(block.valueLength(entry));
        if (!visitor.visit(key, lsn, block.value(entry))) {
          return;
        }
      }
      if (run > 0) {
        return; // the key begins in this block
      }
    }
  }

  /**
   * Returns a cursor over the keys of a range.
   *
   * @param maxReadBytes how many bytes it may read ahead
   */
  public VersionCursor cursor(KeyRange keys, int maxReadBytes, CostCounter cost) {
    return new DeltaLayerCursor(this, keys, maxReadBytes, cost);
  }

  /**
   * Returns a cursor over a list of keys, as of one LSN.
   *
   * @param keys sorted, none twice; the caller may skip some
   * @param maxReadBytes how many bytes it may read ahead
   */
  public VersionCursor cursor(List<PageKey> keys, Lsn asOf, int maxReadBytes, CostCounter cost) {
    return new DeltaLayerCursor(this, keys, asOf, maxReadBytes, cost);
  }

  /** Visits all versions, sorted by key and LSN, until the visitor returns false. */
  public void forEach(VersionVisitor visitor) throws IOException {
    forEach(KeyRange.ALL, Lsn.INVALID, Lsn.MAX, visitor);
  }

  /**
   * Visits the versions of a key range, sorted by key and LSN, until the visitor returns false.
   * Reads the blocks of these keys only, one at a time.
   *
   * @param from lowest LSN, inclusive
   * @param to highest LSN, inclusive
   */
  public void forEach(KeyRange keys, Lsn from, Lsn to, VersionVisitor visitor) throws IOException {
    CostCounter ignored = new CostCounter();
    int first = Math.max(0, index.floor(keys.startKey(), Lsn.INVALID));
    for (int number = first; number < index.blocks(); number++) {
      if (index.key(number).compareTo(keys.endKey()) >= 0) {
        return;
      }
      Block block = block(number, ignored);
      for (int run = 0; run < block.keys(); run++) {
        PageKey key = block.key(run);
        if (keys.contains(key) && !visitRun(block, run, from, to, visitor)) {
          return;
        }
      }
    }
  }

  private static boolean visitRun(Block block, int run, Lsn from, Lsn to, VersionVisitor visitor)
      throws IOException {
    PageKey key = block.key(run);
    int end = block.end(run);
    for (int entry = block.start(run); entry < end; entry++) {
      Lsn lsn = block.lsn(entry);
      if (lsn.isAfter(to)) {
        return true;
      }
      if (!lsn.isBefore(from) && !visitor.visit(key, lsn, block.value(entry))) {
        return false;
      }
    }
    return true;
  }

  private Block block(int number, CostCounter cost) throws IOException {
    return block(number, read(number, number, cost), cost);
  }

  BlockIndex index() {
    return index;
  }

  /** Reads consecutive blocks, in one piece of less than 2 GiB. */
  FileBytes read(int first, int last, CostCounter cost) throws IOException {
    long position = index.position(first);
    int length = Math.toIntExact(index.end(last) - position);
    cost.blockInHand(length);
    cost.fileRead(length);
    return FileBytes.read(input, position, length);
  }

  /** Returns a block whose bytes have been read, after checking it. */
  Block block(int number, FileBytes bytes, CostCounter cost) throws CorruptLayerException {
    cost.blockRead();
    Block block = new Block(bytes, cost);
    block.checkFirst(index.key(number), index.lsn(number));
    return block;
  }

  /**
   * Reads and checks every block, the order of the versions, and that the footer, the index and the
   * filter match them.
   *
   * @throws CorruptLayerException at the first fault
   */
  public void verify() throws IOException {
    CostCounter ignored = new CostCounter();
    DeltaLayerVerifier verifier = new DeltaLayerVerifier(input.name(), footer, filter);
    for (int number = 0; number < index.blocks(); number++) {
      verifier.block(block(number, ignored));
    }
    verifier.finish(tombstones);
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
