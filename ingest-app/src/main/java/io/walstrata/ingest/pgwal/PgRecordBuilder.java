package io.walstrata.ingest.pgwal;

import io.walstrata.layerstore.page.Lsn;
import java.util.Arrays;

/** A record while its bytes come in. Memory grows with the bytes, not with the announced length. */
final class PgRecordBuilder {
  private static final int FIRST_BYTES = 512;
  private static final byte[] NOTHING = {};

  private Lsn lsn = Lsn.INVALID;
  private byte[] bytes = NOTHING;
  private int length;
  private int filled;
  private boolean headerChecked;

  /** Begins a record that says it is this long. */
  void begin(Lsn lsn, long announced) {
    if (announced < PgWalRecord.HEADER_BYTES || announced > PgWalRecord.MAX_BYTES) {
      throw new PgWalException(
          lsn, "impossible record length: expected at least 24, length=" + announced);
    }
    this.lsn = lsn;
    length = (int) announced;
    filled = 0;
    bytes = new byte[Math.min(length, FIRST_BYTES)];
    headerChecked = false;
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

  void append(byte[] from, int offset, int count) {
    if (filled + count > bytes.length) {
      int grown = (int) Math.min(length, Math.max(filled + (long) count, 2L * bytes.length));
      bytes = Arrays.copyOf(bytes, grown);
    }
    System.arraycopy(from, offset, bytes, filled, count);
    filled += count;
  }

  /**
   * Checks the fixed header as soon as it is here, before a wrong length makes the reader wait for
   * bytes that never come.
   *
   * @param lastLsn start of the record before, not valid if that is not known
   */
  void checkHeader(Lsn lastLsn) {
    if (headerChecked || filled < PgWalRecord.HEADER_BYTES) {
      return;
    }
    headerChecked = true;
    int rmgr = bytes[17] & 0xFF;
    if (!PgRmgr.isValid(rmgr)) {
      throw new PgWalException(lsn, "unknown resource manager: id=" + rmgr);
    }
    Lsn prev = Lsn.of(LittleEndian.i64(bytes, 8));
    boolean fits = lastLsn.isValid() ? prev.equals(lastLsn) : prev.isBefore(lsn);
    if (!fits) {
      throw new PgWalException(
          lsn,
          "record does not follow the one before it: prev="
              + prev
              + (lastLsn.isValid() ? ", expected=" + lastLsn : ""));
    }
  }

  /** Checks what a page header says is still to come. */
  void checkRest(long rest, Lsn page) {
    if (rest != missing()) {
      throw new PgWalException(
          page, "page continues another record: rest=" + rest + ", expected" + facts());
    }
  }

  /** Returns the facts for messages, starting with a comma. */
  String facts() {
    return ", record=" + lsn + ", length=" + length + ", missing=" + missing();
  }

  /** Returns the complete record's bytes. */
  byte[] take() {
    byte[] taken = bytes;
    bytes = NOTHING;
    return taken;
  }
}
