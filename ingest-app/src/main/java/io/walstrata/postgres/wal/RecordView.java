package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A stored WAL record as redo reads it: as {@link WalRecord}, but one object for all records of a
 * chain, so that reading one allocates nothing. For one thread.
 *
 * <p>What is read of a record is valid until the next {@link #read}. Reading outside of the record
 * is a {@link WalException}, never an index error.
 */
public final class RecordView {
  private static final int MAGIC_BYTES = 2;
  private final CRC32C crc = new CRC32C();
  private final ByteSpan record = new ByteSpan();
  private final ByteSpan main = new ByteSpan();
  private BlockView[] blocks = new BlockView[0];
  private int blockCount;
  private int origin;
  private byte[] bytes = new byte[0];
  private PgVersion version = PgVersion.V18;
  private Lsn endLsn = Lsn.INVALID;
  private PageKey key = PageKey.MIN;
  private @Nullable BlockView block;

  /**
   * Reads a value that {@link WalRecord#toValue()} made.
   *
   * @param key the page that the record is to be applied to
   * @param value kept, not written to
   * @param versionLsn the version's LSN, which is the record's end
   * @throws WalException if the value is not such a record, or its checksum does not match
   */
  public void read(PageKey key, byte[] value, Lsn versionLsn) {
    this.key = key;
    bytes = value;
    endLsn = versionLsn;
    blockCount = 0;
    origin = 0;
    block = null;
    int length = value.length - MAGIC_BYTES;
    if (length < WalRecord.HEADER_BYTES || LittleEndian.u32(value, MAGIC_BYTES) != length) {
      throw new WalException(
          versionLsn, "record length does not match its bytes: bytes=" + value.length);
    }
    PgVersion found = PgVersion.ofMagic(LittleEndian.u16(value, 0));
    if (found == null) {
      throw new WalException(
          versionLsn,
          "WAL of a version that is not supported: magic="
              + Integer.toHexString(LittleEndian.u16(value, 0))
              + ", supported="
              + PgVersion.supported());
    }
    version = found;
    checkCrc(length);
    record.set(value, MAGIC_BYTES, length, versionLsn);
    readHeaders(length);
    block = find(key);
  }

  private void checkCrc(int length) {
    long expected = record32(RecordHeaders.CRC_OFFSET);
    if (RecordHeaders.crc(crc, bytes, MAGIC_BYTES, length) != expected) {
      throw new WalException(endLsn, "record checksum does not match: length=" + length);
    }
  }

  private long record32(int offset) {
    return LittleEndian.u32(bytes, MAGIC_BYTES + offset);
  }

  /** Reads the headers; their layout is described at {@link RecordHeaders}. */
  private void readHeaders(int total) {
    int offset = WalRecord.HEADER_BYTES;
    long announced = 0;
    int mainLength = 0;
    boolean last = false;
    while (!last && total - offset > announced) {
      int id = record.u8(offset);
      switch (id) {
        case RecordHeaders.MAIN_SHORT -> {
          mainLength = record.u8(offset + 1);
          offset += 2;
          last = true;
        }
        case RecordHeaders.MAIN_LONG -> {
          mainLength = record.i32(offset + 1);
          offset += 5;
          last = true;
        }
        case RecordHeaders.ORIGIN -> {
          origin = record.u16(offset + 1);
          offset += 3;
        }
        case RecordHeaders.TOP_LEVEL_XID -> offset += 5;
        default -> {
          offset = readBlock(id, offset);
          BlockView read = blocks[blockCount - 1];
          announced += read.header.storedImageLength() + read.header.dataLength;
        }
      }
    }
    if (mainLength < 0 || total - offset != announced + mainLength) {
      throw new WalException(
          endLsn,
          "record's parts do not add up to its length: length="
              + total
              + ", headers="
              + offset
              + ", payload="
              + (announced + mainLength));
    }
    for (int i = 0; i < blockCount; i++) {
      BlockView each = blocks[i];
      each.imageStart = MAGIC_BYTES + offset;
      offset += each.header.storedImageLength();
      each.data.set(bytes, MAGIC_BYTES + offset, each.header.dataLength, endLsn);
      offset += each.header.dataLength;
    }
    main.set(bytes, MAGIC_BYTES + offset, mainLength, endLsn);
  }

  private int readBlock(int id, int at) {
    if (id > RecordHeaders.MAX_BLOCK_ID) {
      throw new WalException(endLsn, "unknown header in a record: id=" + id + ", offset=" + at);
    }
    if (blockCount == blocks.length) {
      blocks = Arrays.copyOf(blocks, blockCount == 0 ? 4 : 2 * blockCount);
      for (int i = blockCount; i < blocks.length; i++) {
        blocks[i] = new BlockView();
      }
    }
    BlockHeader header = blocks[blockCount].header;
    String wrong = header.read(record, at, blockCount == 0 ? null : blocks[blockCount - 1].header);
    if (wrong != null) {
      throw new WalException(endLsn, wrong);
    }
    blockCount++;
    return at + header.length;
  }

  private @Nullable BlockView find(PageKey key) {
    if (key.kind() != 0) {
      return null;
    }
    for (int i = 0; i < blockCount; i++) {
      BlockView each = blocks[i];
      if (each.block() == key.block()
          && each.rel() == key.rel()
          && each.fork() == key.fork()
          && each.db() == key.db()
          && each.spc() == key.spc()) {
        return each;
      }
    }
    return null;
  }

  public PgVersion version() {
    return version;
  }

  /** Returns where the record ends: what redo writes into {@code pd_lsn}. */
  public Lsn endLsn() {
    return endLsn;
  }

  /** Returns the page that the record is to be applied to. */
  public PageKey key() {
    return key;
  }

  /** Returns the transaction, unsigned 32 bits; 0 if the record belongs to none. */
  public long xid() {
    return record32(4);
  }

  /** Returns the info byte. */
  public int info() {
    return record.u8(16);
  }

  /** Returns the upper half of the info byte: the type of record. */
  public int type() {
    return info() & 0xF0;
  }

  /** Returns the replication origin that the change is from; 0 if from none. */
  public int origin() {
    return origin;
  }

  public int rmgrId() {
    return record.u8(17);
  }

  /** Returns the main data, empty if there is none. */
  public ByteSpan main() {
    return main;
  }

  /** Returns the reference to the page of {@link #key()}; null if the record has none. */
  public @Nullable BlockView block() {
    return block;
  }

  /**
   * Returns the number of the reference to the page of {@link #key()}.
   *
   * @throws WalException if the record has none
   */
  public int blockId() {
    BlockView found = block;
    if (found == null) {
      throw new WalException(endLsn, "record without a reference to the page: key=" + key);
    }
    return found.id();
  }

  /** Returns whether the record has a block reference with this number. */
  public boolean hasBlock(int id) {
    return findId(id) != null;
  }

  /**
   * Returns the block reference with this number.
   *
   * @throws WalException if there is none
   */
  public BlockView block(int id) {
    BlockView found = findId(id);
    if (found == null) {
      throw new WalException(endLsn, "record without the block that its type has: block=" + id);
    }
    return found;
  }

  private @Nullable BlockView findId(int id) {
    for (int i = 0; i < blockCount; i++) {
      if (blocks[i].id() == id) {
        return blocks[i];
      }
    }
    return null;
  }

  /**
   * Fills a page with a block's image: decompressed, the hole filled with zeros, nothing else
   * changed.
   *
   * @param page 8192 bytes
   * @throws WalException if the image is damaged
   */
  public void restoreImage(BlockView of, byte[] page) {
    if (of.header.storedImageLength() == 0) {
      throw new WalException(endLsn, "the image is not in this value: block=" + of.id());
    }
    String wrong = PageImages.restore(of.header, bytes, of.imageStart, page);
    if (wrong != null) {
      throw new WalException(
          endLsn, PageImages.wrong(of.id(), ImageCompression.of(of.header.imageInfo), wrong));
    }
  }
}
