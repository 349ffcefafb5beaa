package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.rmgr.ResourceManagers;
import io.walstrata.postgres.wal.WalRecord;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Identifies the WAL that a claim covers: by its last record, and an earlier one, the
 * <i>anchor</i>. Immutable.
 *
 * @param startLsn where the record starts; it ends at the claim
 * @param prevLsn where the record before it starts
 * @param crc the record's checksum
 * @param anchorLsn where the anchor starts, which may be the last record itself; in the same MiB of
 *     the WAL, and so in the same segment
 * @param anchorCrc the anchor's checksum
 * @param unprovenSince see {@link io.walstrata.postgres.rmgr.WalLevelCheck#unprovenSince}
 */
record RecordMark(
    Lsn startLsn, Lsn prevLsn, int crc, Lsn anchorLsn, int anchorCrc, Lsn unprovenSince) {
  /*
   * Two histories of one cluster have the same system identifier, timeline and positions, but not
   * the same records: checksums cover transaction numbers and, at every transaction's end, a time.
   * The last record alone is not enough: after changes of the same length two servers write the same
   * RUNNING_XACTS, and in the same second the same CHECKPOINT_ONLINE. So the last record with a time
   * of its own is the anchor. If that is in an earlier MiB, the anchor is the first record of the
   * last one, so that what is read again is bounded.
   */
  private static final long ANCHOR_RANGE_BYTES = 1 << 20;
  private static final String LSN = "([0-9A-F]{1,8}/[0-9A-F]{1,8})";
  private static final String CRC = "([0-9A-F]{8})";
  private static final Pattern TEXT =
      Pattern.compile(String.join(" ", LSN, LSN, CRC, LSN, CRC, LSN));

  /**
   * Returns the mark of a record.
   *
   * @param before the mark of the record before it, null if that is not known
   */
  static RecordMark of(WalRecord record, @Nullable RecordMark before, Lsn unprovenSince) {
    boolean isAnchor =
        before == null
            || ResourceManagers.of(record).isTimed(record)
            || !isNear(before.anchorLsn, record.lsn());
    return new RecordMark(
        record.lsn(),
        record.prevLsn(),
        record.crc(),
        before == null || isAnchor ? record.lsn() : before.anchorLsn,
        before == null || isAnchor ? record.crc() : before.anchorCrc,
        unprovenSince);
  }

  private static boolean isNear(Lsn anchor, Lsn lsn) {
    return ((anchor.value() ^ lsn.value()) & -ANCHOR_RANGE_BYTES) == 0;
  }

  /** Reads what {@link #toString} returns; empty if the text is anything else. */
  static Optional<RecordMark> parse(String text) {
    Matcher fields = TEXT.matcher(text);
    return fields.matches()
        ? Optional.of(
            new RecordMark(
                Lsn.parse(fields.group(1)),
                Lsn.parse(fields.group(2)),
                Integer.parseUnsignedInt(fields.group(3), 16),
                Lsn.parse(fields.group(4)),
                Integer.parseUnsignedInt(fields.group(5), 16),
                Lsn.parse(fields.group(6))))
        : Optional.empty();
  }

  /** Returns whether this is the record. */
  boolean isOf(WalRecord record) {
    return record.lsn().equals(startLsn) && record.prevLsn().equals(prevLsn) && record.crc() == crc;
  }

  /**
   * Returns start, previous start, checksum, start and checksum of the anchor, and the LSN from
   * which on the level is unproven.
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s %s %08X %s %08X %s",
        startLsn,
        prevLsn,
        crc,
        anchorLsn,
        anchorCrc,
        unprovenSince);
  }
}
