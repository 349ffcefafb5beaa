package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalPositions;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the WAL that is read continues the WAL that a claim covers. For one thread.
 *
 * <p>WAL is read again from {@link #readFrom} on. {@link #isNew} is called for each record and
 * returns whether it is after the claim; those before it are not applied again.
 */
final class ClaimCheck {
  /*
   * A server that was restored to an older state, or another one that was restored from the same
   * backup, has the same system identifier and timeline, and its WAL has the position of the claim.
   * So the record at the claim is compared. What is required, the strongest first:
   *
   *   the claim has a mark                 the record that ends at the claim is the marked one, and
   *                                        its anchor is where it was
   *   that record is in a segment that     the record after the claim names the marked one as the
   *   is gone                              one before it
   *   the claim has no mark                a record ends at the claim
   *   and it is at a segment's start,      the next record starts right after the claim
   *   where the page before may be blank
   */
  private final Lsn claim;
  private final @Nullable RecordMark mark;
  private final int segmentBytes;
  private final Lsn readFrom;
  private boolean hasBegun;
  private boolean matched;

  private ClaimCheck(Lsn claim, @Nullable RecordMark mark, int segmentBytes, Lsn readFrom) {
    this.claim = claim;
    this.mark = mark;
    this.segmentBytes = segmentBytes;
    this.readFrom = readFrom;
  }

  /** Returns the check of WAL that continues nothing. */
  static ClaimCheck ofNew(Lsn start, int segmentBytes) {
    ClaimCheck check = new ClaimCheck(start, null, segmentBytes, start);
    check.matched = true;
    return check;
  }

  /**
   * Returns the check of WAL that continues a claim.
   *
   * @param mark of the claim, null if it is not known
   * @param firstLsn where the WAL that can be read begins
   */
  static ClaimCheck of(Lsn claim, @Nullable RecordMark mark, int segmentBytes, Lsn firstLsn) {
    Lsn from = mark != null ? mark.anchorLsn() : startOfLastPage(claim, segmentBytes);
    boolean isThere = !WalPositions.pageStart(from).isBefore(firstLsn);
    return new ClaimCheck(
        claim, mark, segmentBytes, isThere ? from : WalPositions.pageStart(claim));
  }

  private static Lsn startOfLastPage(Lsn claim, int segmentBytes) {
    return WalPositions.isSegmentStart(claim, segmentBytes)
        ? claim
        : WalPositions.pageStart(Lsn.of(claim.value() - 1));
  }

  /** Returns where the first record to check starts; reading begins at the start of its page. */
  Lsn readFrom() {
    return readFrom;
  }

  /**
   * Returns whether a record is after the claim.
   *
   * @throws ProduceException if the WAL does not continue the claim
   */
  boolean isNew(WalRecord record) {
    if (matched) {
      return true;
    }
    if (record.lsn().isBefore(claim)) {
      requireAnchor(record);
      if (claim.isBefore(record.endLsn())) {
        throw other(record, "a record lies across the claim");
      }
      if (record.endLsn().equals(claim)) {
        requireMarked(record);
        matched = true;
      }
      return false;
    }
    requireNext(record);
    matched = true;
    return true;
  }

  /** Returns whether the WAL continues the claim; false until that is known. */
  boolean hasMatched() {
    return matched;
  }

  /** Checks that the first record is the anchor, unless that has been removed. */
  private void requireAnchor(WalRecord record) {
    boolean first = !hasBegun;
    hasBegun = true;
    if (!first || mark == null || !readFrom.equals(mark.anchorLsn())) {
      return;
    }
    if (!record.lsn().equals(mark.anchorLsn()) || record.crc() != mark.anchorCrc()) {
      throw other(
          record,
          "another record stands before the claim"
              + String.format(", anchor=(lsn %s, crc %08X)", mark.anchorLsn(), mark.anchorCrc()));
    }
  }

  private void requireMarked(WalRecord record) {
    if (mark != null && !mark.isOf(record)) {
      throw other(record, "another record ends at the claim");
    }
  }

  /** Checks that a record follows the one that ends at the claim, which was not read. */
  private void requireNext(WalRecord record) {
    Lsn begun = record.abandonedLsn().orElse(record.lsn());
    if (!begun.equals(WalPositions.nextRecord(claim, segmentBytes))) {
      throw other(record, "no record ends at the claim");
    }
    boolean fits = mark == null ? record.prevLsn().isValid() : hasPrevious(record, mark);
    if (!fits) {
      throw other(record, "the next record follows another one");
    }
  }

  private static boolean hasPrevious(WalRecord record, RecordMark mark) {
    return record.prevLsn().equals(mark.startLsn());
  }

  private ProduceException other(WalRecord found, String what) {
    return ProduceException.failed(
        "the WAL is not the one that the topic was filled from, although cluster and timeline are"
            + (" the same: " + what + ": claim=" + claim)
            + (", claimed=" + (mark == null ? "unknown" : describe(mark)))
            + (", found=" + describe(RecordMark.of(found, null, Lsn.INVALID)))
            + (", foundEnd=" + found.endLsn())
            + "; the server was restored to an older state, or is another one restored from the"
            + " same backup, or its WAL was reset: use the right server or archive, or start a"
            + " timeline of its own with --timeline");
  }

  private static String describe(RecordMark mark) {
    return String.format(
        "(lsn %s, prev %s, crc %08X)", mark.startLsn(), mark.prevLsn(), mark.crc());
  }
}
