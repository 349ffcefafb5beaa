package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.Locale;

/**
 * The header of a WAL page.
 *
 * <pre>
 *  0 magic u16 | 2 info u16 | 4 timeline u32 | 8 page address u64 | 16 rest of a record u32 | 20 pad
 * 24 system identifier u64 | 32 segment size u32 | 36 page size u32      on a segment's first page
 * </pre>
 */
final class WalPageHeader {
  static final int PAGE_BYTES = 8192;
  static final int SHORT_BYTES = 24;
  static final int LONG_BYTES = 40;
  static final int MIN_SEGMENT_BYTES = 1 << 20;
  static final int MAX_SEGMENT_BYTES = 1 << 30;

  private static final int CONTINUES_RECORD = 0x01;
  private static final int LONG = 0x02;
  private static final int OVERWRITES_RECORD = 0x08;
  private static final int ALL_FLAGS = 0x0F;

  final int magic;
  final int info;
  final long timeline;
  final Lsn address;
  final long restOfRecord;

  /** Of a long header; 0 in a short one. */
  final long systemIdentifier;

  /** Of a long header; 0 in a short one. */
  final int segmentBytes;

  private final int pageBytes;

  /**
   * @param page the page's first bytes, as many as {@link #length} asks for
   */
  WalPageHeader(byte[] page, int offset) {
    magic = LittleEndian.u16(page, offset);
    info = LittleEndian.u16(page, offset + 2);
    timeline = LittleEndian.u32(page, offset + 4);
    address = Lsn.of(LittleEndian.i64(page, offset + 8));
    restOfRecord = LittleEndian.u32(page, offset + 16);
    boolean isLong = (info & LONG) != 0;
    systemIdentifier = isLong ? LittleEndian.i64(page, offset + 24) : 0;
    segmentBytes = isLong ? LittleEndian.i32(page, offset + 32) : 0;
    pageBytes = isLong ? LittleEndian.i32(page, offset + 36) : PAGE_BYTES;
  }

  /** Returns the length of the header whose first 4 bytes are at {@code offset}. */
  static int length(byte[] page, int offset) {
    return (LittleEndian.u16(page, offset + 2) & LONG) != 0 ? LONG_BYTES : SHORT_BYTES;
  }

  int length() {
    return isLong() ? LONG_BYTES : SHORT_BYTES;
  }

  boolean isLong() {
    return (info & LONG) != 0;
  }

  boolean continuesRecord() {
    return (info & CONTINUES_RECORD) != 0;
  }

  /** Returns whether the record that the page before left unfinished was abandoned. */
  boolean overwritesRecord() {
    return (info & OVERWRITES_RECORD) != 0;
  }

  /** Returns whether the page was never written. */
  boolean isBlank() {
    return magic == 0 && info == 0 && timeline == 0 && address.value() == 0 && restOfRecord == 0;
  }

  /** Returns whether the page is one of a supported version, from an older use of the file. */
  boolean isRecycled(Lsn expected) {
    return PgVersion.ofMagic(magic) != null && address.isBefore(expected);
  }

  /** Checks all that does not depend on the pages before. */
  void check(Lsn expected) {
    if (PgVersion.ofMagic(magic) == null) {
      throw new WalException(
          expected,
          "not a WAL page of a supported version: magic="
              + String.format(Locale.ROOT, "%04X", magic)
              + ", supported="
              + PgVersion.supported());
    }
    if ((info & ~ALL_FLAGS) != 0) {
      throw new WalException(expected, "unknown flags in a page header: info=" + info);
    }
    if (!address.equals(expected)) {
      throw new WalException(
          expected, "page header has the address of another page: address=" + address);
    }
    if (continuesRecord() != (restOfRecord != 0)) {
      throw new WalException(
          expected,
          "page header's flags and rest of record disagree: info="
              + info
              + ", restOfRecord="
              + restOfRecord);
    }
    if (isLong()) {
      checkLong(expected);
    }
  }

  private void checkLong(Lsn expected) {
    if (pageBytes != PAGE_BYTES) {
      throw new WalException(
          expected, "WAL page size is not supported: bytes=" + pageBytes + ", supported=8192");
    }
    if (!isSegmentSize(segmentBytes)) {
      throw new WalException(expected, "impossible segment size: bytes=" + segmentBytes);
    }
    if ((expected.value() & (segmentBytes - 1)) != 0) {
      throw new WalException(
          expected, "segment header inside a segment: segmentBytes=" + segmentBytes);
    }
  }

  static boolean isSegmentSize(int bytes) {
    return bytes >= MIN_SEGMENT_BYTES && bytes <= MAX_SEGMENT_BYTES && Integer.bitCount(bytes) == 1;
  }
}
