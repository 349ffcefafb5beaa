package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A record while its bytes are read. Memory grows with the bytes, not with the announced length,
 * and up to the limits only.
 */
final class RecordBuilder {
  private static final int FIRST_BYTES = 512;
  private static final byte[] NOTHING = {};

  private final RecordLimits limits;
  private Lsn lsn = Lsn.INVALID;
  private byte[] bytes = NOTHING;
  private int length;
  private int filled;
  private boolean headerChecked;
  private boolean needed;

  /** Set when the record is cut: the checksum of what was read so far, without the fixed header. */
  private @Nullable CRC32C cutCrc;

  private @Nullable RecordContent content;

  RecordBuilder(RecordLimits limits) {
    this.limits = limits;
  }

  /** Passes the bytes of all records that begin from here on to {@code to}, too. */
  void content(RecordContent to) {
    content = to;
  }

  /**
   * Begins a record.
   *
   * @param announced the length in its header
   * @param isNeeded whether anything of the record is needed apart from its header
   */
  void begin(Lsn lsn, long announced, boolean isNeeded) {
    if (announced < WalRecord.HEADER_BYTES || announced > WalRecord.MAX_BYTES) {
      throw new WalException(
          lsn, "impossible record length: expected at least 24, length=" + announced);
    }
    this.lsn = lsn;
    length = (int) announced;
    filled = 0;
    bytes = new byte[Math.min(length, FIRST_BYTES)];
    headerChecked = false;
    needed = isNeeded;
    cutCrc = null;
  }

  Lsn lsn() {
    return lsn;
  }

  int missing() {
    return length - filled;
  }

  boolean isComplete() {
    return filled == length;
  }

  /** Returns whether only the first bytes are kept. */
  boolean isCut() {
    return cutCrc != null;
  }

  /** Returns the announced length. */
  int length() {
    return length;
  }

  void append(byte[] from, int offset, int count) {
    RecordContent to = content;
    if (to != null && needed) {
      to.bytes(from, offset, count);
    }
    CRC32C crc = cutCrc;
    if (crc == null) {
      keep(from, offset, count);
    } else {
      crc.update(from, offset, count);
      keep(from, offset, Math.min(count, Math.max(0, RecordLimits.CUT_BYTES - filled)));
    }
    filled += count;
  }

  private void keep(byte[] from, int offset, int count) {
    if (count == 0) {
      return;
    }
    if (filled + count > bytes.length) {
      // The length may be damaged, which the next page's header shows: only bytes that are here
      // count.
      if (filled + (long) count > limits.maxBytes()) {
        throw new WalRecordTooLargeException(lsn, rmgr(), length, limits.maxBytes());
      }
      int most = Math.min(length, limits.maxBytes());
      int grown = (int) Math.min(most, Math.max(filled + (long) count, 2L * bytes.length));
      bytes = Arrays.copyOf(bytes, grown);
    }
    System.arraycopy(from, offset, bytes, filled, count);
  }

  private int rmgr() {
    return bytes[17] & 0xFF;
  }

  /**
   * Checks the fixed header as soon as it is here, before a wrong length makes the reader wait for
   * bytes that never arrive.
   *
   * @param lastLsn start of the record before, not valid if that is not known
   */
  void checkHeader(Lsn lastLsn) {
    if (headerChecked || filled < WalRecord.HEADER_BYTES) {
      return;
    }
    headerChecked = true;
    int rmgr = rmgr();
    if (!Rmgr.isValid(rmgr)) {
      throw new WalException(lsn, "unknown resource manager: id=" + rmgr);
    }
    Lsn prev = Lsn.of(LittleEndian.i64(bytes, 8));
    boolean fits = lastLsn.isValid() ? prev.equals(lastLsn) : prev.isBefore(lsn);
    if (!fits) {
      throw new WalException(
          lsn,
          "record does not follow the one before it: prev="
              + prev
              + (lastLsn.isValid() ? ", expected=" + lastLsn : ""));
    }
    if (limits.cuts(rmgr, length) || (!needed && length > RecordLimits.CUT_BYTES)) {
      CRC32C crc = new CRC32C();
      crc.update(bytes, WalRecord.HEADER_BYTES, filled - WalRecord.HEADER_BYTES);
      cutCrc = crc;
    }
  }

  /** Checks the length of the rest that a page header states. */
  void checkRest(long rest, Lsn page) {
    if (rest != missing()) {
      throw new WalException(
          page, "page continues another record: rest=" + rest + ", expected" + facts());
    }
  }

  /** Returns the facts for messages, starting with a comma. */
  String facts() {
    return ", record=" + lsn + ", length=" + length + ", missing=" + missing();
  }

  /**
   * Returns the complete record.
   *
   * @throws WalException if it is damaged
   */
  WalRecord take(PgVersion version, Lsn endLsn) {
    byte[] taken = bytes;
    bytes = NOTHING;
    CRC32C crc = cutCrc;
    if (crc == null) {
      return WalRecord.parse(version.magic(), taken, lsn, endLsn);
    }
    byte[] kept = Arrays.copyOf(taken, Math.min(filled, RecordLimits.CUT_BYTES));
    return WalRecord.cut(version, kept, crc, lsn, endLsn);
  }
}
