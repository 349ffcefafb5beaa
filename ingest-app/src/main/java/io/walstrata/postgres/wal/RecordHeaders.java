package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The contents of a record's headers, and the checks that they must pass. */
final class RecordHeaders {
  /*
   * Record  -> Fixed Header* Payload
   * Fixed   -> length 4 | xid 4 | previous 8 | info 1 | rmgr 1 | 0 0 | crc 4
   * Header  -> Block | Origin | TopXid | Main      distinguished by their first byte
   * Block   -> id 0..32, see BlockHeader
   * Origin  -> 253 | origin 2
   * TopXid  -> 252 | xid 4
   * Main    -> 255 | length 1  or  254 | length 4  always the last header
   * Payload -> (image data){one for each block, in order} main data
   */
  static final int CRC_OFFSET = 20;
  static final int MAX_BLOCK_ID = 32;
  static final int MAIN_SHORT = 255;
  static final int MAIN_LONG = 254;
  static final int ORIGIN = 253;
  static final int TOP_LEVEL_XID = 252;

  private final WalBytes record;
  private final ByteSpan span = new ByteSpan();

  /** The record's length, which exceeds that of {@link #record} if the record is cut. */
  private final int total;

  private @Nullable BlockHeader firstBlock;
  private @Nullable BlockHeader lastBlock;
  private int blockCount;
  private int offset = WalRecord.HEADER_BYTES;

  /** Length of the payload that the headers read so far announce. */
  private long announced;

  private int mainLength;

  /** The blocks, in order; not modifiable. */
  final List<BlockReference> blocks;

  final WalBytes mainData;
  int origin;
  long topLevelXid = -1;

  private RecordHeaders(byte[] bytes, int total, Lsn where) {
    record = new WalBytes(bytes, 0, bytes.length, where);
    span.set(bytes, 0, bytes.length, where);
    this.total = total;
    readHeaders();
    boolean whole = record.length() == total;
    blocks = List.of(readBlocks(whole));
    mainData = whole ? record.slice(offset, mainLength) : startOfMainData();
  }

  static RecordHeaders read(byte[] bytes, Lsn where) {
    return readCut(bytes, bytes.length, where);
  }

  /** Reads the headers of a record of which only the first bytes are here. */
  static RecordHeaders readCut(byte[] bytes, int total, Lsn where) {
    return new RecordHeaders(bytes, total, where);
  }

  /** Writes the checksum of a record that begins at an offset. */
  static void putCrc(byte[] bytes, int start, int length) {
    LittleEndian.putI32(bytes, start + CRC_OFFSET, (int) crc(new CRC32C(), bytes, start, length));
  }

  /**
   * Returns the checksum that a record should have: of what follows the fixed header, then of the
   * fixed header without it.
   *
   * @param crc used for it, whatever it was used for before
   */
  static long crc(CRC32C crc, byte[] bytes, int start, int length) {
    crc.reset();
    crc.update(bytes, start + WalRecord.HEADER_BYTES, length - WalRecord.HEADER_BYTES);
    crc.update(bytes, start, CRC_OFFSET);
    return crc.getValue();
  }

  /** Checks the checksum of a record, see {@link #crc}. */
  static void checkCrc(byte[] bytes, Lsn where) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, WalRecord.HEADER_BYTES, bytes.length - WalRecord.HEADER_BYTES);
    checkCrc(crc, bytes, where);
  }

  /**
   * Checks the checksum of a record.
   *
   * @param crc of what follows the fixed header
   * @param bytes the record's first bytes
   */
  static void checkCrc(CRC32C crc, byte[] bytes, Lsn where) {
    crc.update(bytes, 0, CRC_OFFSET);
    long expected = LittleEndian.u32(bytes, CRC_OFFSET);
    if (crc.getValue() != expected) {
      throw new WalException(
          where,
          "record checksum does not match: expected="
              + Long.toHexString(expected)
              + ", actual="
              + Long.toHexString(crc.getValue())
              + ", length="
              + LittleEndian.u32(bytes, 0));
    }
  }

  private void readHeaders() {
    boolean last = false;
    while (!last && total - offset > announced) {
      int id = record.u8(offset);
      switch (id) {
        case MAIN_SHORT -> {
          mainLength = record.u8(offset + 1);
          offset += 2;
          last = true;
        }
        case MAIN_LONG -> {
          mainLength = record.count(offset + 1);
          offset += 5;
          last = true;
        }
        case ORIGIN -> {
          origin = record.u16(offset + 1);
          offset += 3;
        }
        case TOP_LEVEL_XID -> {
          topLevelXid = record.u32(offset + 1);
          offset += 5;
        }
        default -> readBlock(id);
      }
    }
    announced += mainLength;
    if (total - offset != announced) {
      throw record.error(
          "record's parts do not add up to its length: length="
              + total
              + ", headers="
              + offset
              + ", payload="
              + announced);
    }
  }

  private void readBlock(int id) {
    if (id > MAX_BLOCK_ID) {
      throw record.error("unknown header in a record: id=" + id + ", offset=" + offset);
    }
    BlockHeader previous = lastBlock;
    BlockHeader header = new BlockHeader();
    String wrong = header.read(span, offset, previous);
    if (wrong != null) {
      throw record.error(wrong);
    }
    if (previous == null) {
      firstBlock = header;
    } else {
      previous.next = header;
    }
    lastBlock = header;
    blockCount++;
    offset += header.length;
    announced += header.storedImageLength() + header.dataLength;
  }

  /** Returns what is here of the main data of a record that is cut. */
  private WalBytes startOfMainData() {
    int start = Math.min(total - mainLength, record.length());
    return record.from(start);
  }

  /**
   * Returns the blocks and goes to the end of their payload. Those of a record that is cut are
   * without image and data.
   */
  private BlockReference[] readBlocks(boolean whole) {
    BlockReference[] read = new BlockReference[blockCount];
    BlockHeader header = firstBlock;
    for (int i = 0; header != null; i++, header = header.next) {
      read[i] =
          whole
              ? new BlockReference(
                  header, next(header.storedImageLength()), next(header.dataLength))
              : new BlockReference(header, WalBytes.EMPTY, WalBytes.EMPTY);
    }
    // A record may be kept; its headers need not be.
    firstBlock = null;
    lastBlock = null;
    return read;
  }

  private WalBytes next(int length) {
    offset += length;
    return record.slice(offset - length, length);
  }
}
