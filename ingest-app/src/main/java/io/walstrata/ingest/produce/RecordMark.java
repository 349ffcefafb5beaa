package io.walstrata.ingest.produce;

import io.walstrata.ingest.pgwal.PgWalRecord;
import io.walstrata.layerstore.page.Lsn;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * By what the last record that a claim covers is known again. Immutable.
 *
 * @param startLsn where the record starts; it ends at the claim
 * @param prevLsn where the record before it starts
 * @param crc the record's checksum
 * @param unprovenSince see {@link io.walstrata.ingest.pgwal.PgLogLevel#unprovenSince}
 */
record RecordMark(Lsn startLsn, Lsn prevLsn, int crc, Lsn unprovenSince) {
  /*
   * Two histories of one cluster have the same system identifier, timeline and positions, but not
   * the same records: checksums cover transaction numbers and, in every commit, a time.
   */
  private static final String LSN = "([0-9A-F]{1,8}/[0-9A-F]{1,8})";
  private static final Pattern TEXT = Pattern.compile(LSN + " " + LSN + " ([0-9A-F]{8}) " + LSN);

  static RecordMark of(PgWalRecord record, Lsn unprovenSince) {
    return new RecordMark(record.lsn(), record.prevLsn(), record.crc(), unprovenSince);
  }

  /** Reads what {@link #toString} gives; empty if the text is anything else. */
  static Optional<RecordMark> parse(String text) {
    Matcher fields = TEXT.matcher(text);
    return fields.matches()
        ? Optional.of(
            new RecordMark(
                Lsn.parse(fields.group(1)),
                Lsn.parse(fields.group(2)),
                Integer.parseUnsignedInt(fields.group(3), 16),
                Lsn.parse(fields.group(4))))
        : Optional.empty();
  }

  /** Returns whether this is the record. */
  boolean isOf(PgWalRecord record) {
    return record.lsn().equals(startLsn) && record.prevLsn().equals(prevLsn) && record.crc() == crc;
  }

  /** Returns start, previous start, checksum and the place from which the level is unproven. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s %s %08X %s", startLsn, prevLsn, crc, unprovenSince);
  }
}
