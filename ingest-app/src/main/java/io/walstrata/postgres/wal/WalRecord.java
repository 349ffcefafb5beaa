package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One WAL record, complete and checked: its bytes without page headers, and the contents of its
 * headers. Immutable.
 *
 * <p>The value that Walstrata stores of a record ({@link #toValue()}) is two bytes of page magic,
 * little-endian, and the record as it is in the WAL, but for images of other pages. The magic
 * identifies the major version, so that the value can be read without anything else.
 */
public final class WalRecord {
  /** Length of the fixed header, in bytes. */
  static final int HEADER_BYTES = 24;

  /** No record is longer, in bytes; what PostgreSQL allows. */
  static final int MAX_BYTES = 1020 * 1024 * 1024;

  private static final int MAGIC_BYTES = 2;
  private static final int XLOG_OVERWRITE_CONTRECORD = 0xD0;
  private static final int SWITCH_TYPE = 0x40;

  private final PgVersion version;
  private final byte[] bytes;
  private final Lsn lsn;
  private final Lsn endLsn;
  private final RecordHeaders headers;

  private WalRecord(PgVersion version, byte[] bytes, Lsn lsn, Lsn endLsn, RecordHeaders headers) {
    this.version = version;
    this.bytes = bytes;
    this.lsn = lsn;
    this.endLsn = endLsn;
    this.headers = headers;
  }

  /**
   * Reads a record's bytes. The array is not copied and must not be written to afterwards.
   *
   * @param magic of the WAL pages that the record comes from
   * @param bytes the whole record and nothing else
   * @param lsn where the record starts; {@link Lsn#INVALID} if that is not known
   * @param endLsn where it ends
   * @throws WalException if version, lengths, checksum or headers are not right
   */
  public static WalRecord parse(int magic, byte[] bytes, Lsn lsn, Lsn endLsn) {
    PgVersion version = PgVersion.ofMagic(magic);
    Lsn where = lsn.isValid() ? lsn : endLsn;
    if (version == null) {
      throw new WalException(
          where,
          "WAL of a version that is not supported: magic="
              + Integer.toHexString(magic).toUpperCase(java.util.Locale.ROOT)
              + ", supported="
              + PgVersion.supported());
    }
    if (bytes.length < HEADER_BYTES || LittleEndian.u32(bytes, 0) != bytes.length) {
      throw new WalException(
          where, "record length does not match its bytes: bytes=" + bytes.length);
    }
    RecordHeaders.checkCrc(bytes, where);
    return new WalRecord(version, bytes, lsn, endLsn, RecordHeaders.read(bytes, where));
  }

  /**
   * Makes a record of its first bytes.
   *
   * @param kept the fixed header and all that describes the payload, at least
   * @param crc checksum of what follows the fixed header
   */
  static WalRecord cut(PgVersion version, byte[] kept, CRC32C crc, Lsn lsn, Lsn endLsn) {
    RecordHeaders.checkCrc(crc, kept, lsn);
    int total = (int) LittleEndian.u32(kept, 0);
    return new WalRecord(version, kept, lsn, endLsn, RecordHeaders.readCut(kept, total, lsn));
  }

  /** Returns the same record with another end. */
  WalRecord withEnd(Lsn end) {
    return new WalRecord(version, bytes, lsn, end, headers);
  }

  /**
   * Reads a value that {@link #toValue()} made. Where the record starts is not in the value: {@link
   * #lsn()} is {@link Lsn#INVALID}.
   *
   * @param versionLsn the version's LSN, which is the record's end
   * @throws WalException if the value is not such a record
   */
  public static WalRecord ofValue(byte[] value, Lsn versionLsn) {
    if (value.length < MAGIC_BYTES + HEADER_BYTES) {
      throw new WalException(versionLsn, "value too short for a record: bytes=" + value.length);
    }
    byte[] record = new byte[value.length - MAGIC_BYTES];
    System.arraycopy(value, MAGIC_BYTES, record, 0, record.length);
    return parse(LittleEndian.u16(value, 0), record, Lsn.INVALID, versionLsn);
  }

  /**
   * Returns whether only the record's first bytes were kept, see {@link RecordLimits}: it has no
   * value, its blocks have neither images nor data, and its main data ends early.
   */
  public boolean isCut() {
    return bytes.length != totalLength();
  }

  /**
   * Returns the value to store: magic, then the record.
   *
   * @throws IllegalStateException if the record is cut
   */
  public byte[] toValue() {
    if (isCut()) {
      throw new IllegalStateException("record is cut: record=" + this);
    }
    byte[] value = new byte[MAGIC_BYTES + bytes.length];
    LittleEndian.putU16(value, 0, version.magic());
    System.arraycopy(bytes, 0, value, MAGIC_BYTES, bytes.length);
    return value;
  }

  /**
   * Returns the value to store for one page: as {@link #toValue()}, but without the bytes of all
   * other pages' images. Length and checksum are those of what is left.
   *
   * @param blockId the reference to the page, -1 for a page that the record has no reference to
   * @throws IllegalStateException if the record is cut
   */
  public byte[] toValue(int blockId) {
    int leftOut = 0;
    int payload = headers.mainData.length();
    for (BlockReference block : headers.blocks) {
      payload += block.image.length() + block.data.length();
      leftOut += block.id == blockId ? 0 : block.image.length();
    }
    if (leftOut == 0 || isCut()) {
      return toValue();
    }
    int length = bytes.length - leftOut;
    byte[] value = new byte[MAGIC_BYTES + length];
    LittleEndian.putU16(value, 0, version.magic());
    int from = bytes.length - payload;
    int to = MAGIC_BYTES + from;
    System.arraycopy(bytes, 0, value, MAGIC_BYTES, from);
    for (BlockReference block : headers.blocks) {
      int image = block.image.length();
      if (image > 0 && block.id != blockId) {
        value[MAGIC_BYTES + block.imageInfoAt] |= (byte) BlockReference.IMAGE_LEFT_OUT;
        from += image;
        image = 0;
      }
      int kept = image + block.data.length();
      System.arraycopy(bytes, from, value, to, kept);
      from += kept;
      to += kept;
    }
    System.arraycopy(bytes, from, value, to, headers.mainData.length());
    LittleEndian.putI32(value, MAGIC_BYTES, length);
    RecordHeaders.putCrc(value, MAGIC_BYTES, length);
    return value;
  }

  /** Returns the major version of the server that wrote it. */
  public PgVersion version() {
    return version;
  }

  /** Returns where the record starts, {@link Lsn#INVALID} if that is not known. */
  public Lsn lsn() {
    return lsn;
  }

  /**
   * Returns where the record ends, rounded up to 8: the next record starts here, or after the page
   * header that is here. Replay stamps pages with it.
   */
  public Lsn endLsn() {
    return endLsn;
  }

  /** Returns where the record before starts. */
  public Lsn prevLsn() {
    return Lsn.of(LittleEndian.i64(bytes, 8));
  }

  /** Returns the record's checksum, CRC-32C. */
  public int crc() {
    return LittleEndian.i32(bytes, RecordHeaders.CRC_OFFSET);
  }

  /** Returns the transaction, unsigned 32 bits; 0 if there is none. */
  public long xid() {
    return LittleEndian.u32(bytes, 4);
  }

  /**
   * Returns where the record began that a crash left unfinished and that this one abandons; empty
   * for all other records.
   */
  public Optional<Lsn> abandonedLsn() {
    return rmgrId() == 0 && type() == XLOG_OVERWRITE_CONTRECORD
        ? Optional.of(Lsn.of(mainData().i64(0)))
        : Optional.empty();
  }

  /** Returns the resource manager, 0 to 255; see {@link Rmgr}. */
  public int rmgrId() {
    return bytes[17] & 0xFF;
  }

  /**
   * Returns the info byte: the upper half belongs to the resource manager, the lower to the WAL.
   */
  public int info() {
    return bytes[16] & 0xFF;
  }

  /** Returns the upper half of the info byte, 0x00 to 0xF0 in steps of 16: the record's type. */
  public int type() {
    return info() & 0xF0;
  }

  /** Returns whether the rest of the segment after the record is unused: it ends at the next. */
  public boolean isSwitch() {
    return rmgrId() == 0 && type() == SWITCH_TYPE;
  }

  /** Returns the length in bytes, headers and images included. */
  public int totalLength() {
    return (int) LittleEndian.u32(bytes, 0);
  }

  /** Returns the length of all page images in bytes, as stored. */
  public int imagesLength() {
    int length = 0;
    for (BlockReference block : headers.blocks) {
      length += block.imageLength();
    }
    return length;
  }

  /** Returns the record itself, not a copy; the first bytes of one that is cut. */
  public byte[] bytes() {
    return bytes;
  }

  /** Returns the main data, empty if there is none. */
  public WalBytes mainData() {
    return headers.mainData;
  }

  /** Returns the replication origin, 0 if there is none. */
  public int origin() {
    return headers.origin;
  }

  /** Returns the top-level transaction if this record is the one that links a subtransaction. */
  public OptionalLong topLevelXid() {
    return headers.topLevelXid < 0 ? OptionalLong.empty() : OptionalLong.of(headers.topLevelXid);
  }

  /** Returns the blocks that the record changes, in their order; not modifiable. */
  public List<BlockReference> blocks() {
    return headers.blocks;
  }

  /** Returns whether the record has a block reference with this id. */
  public boolean hasBlock(int id) {
    return find(id) != null;
  }

  /**
   * Returns the block reference with this id.
   *
   * @throws WalException if there is none
   */
  public BlockReference block(int id) {
    BlockReference block = find(id);
    if (block == null) {
      throw mainData().error("record without the block that its type has: block=" + id);
    }
    return block;
  }

  private @Nullable BlockReference find(int id) {
    for (BlockReference block : headers.blocks) {
      if (block.id() == id) {
        return block;
      }
    }
    return null;
  }

  /** Returns {@code WalRecord(lsn, end, rmgr, type, length)}, for messages. */
  @Override
  public String toString() {
    return "WalRecord(lsn="
        + lsn
        + ", endLsn="
        + endLsn
        + ", rmgr="
        + rmgrId()
        + ", info="
        + info()
        + ", length="
        + totalLength()
        + ")";
  }
}
