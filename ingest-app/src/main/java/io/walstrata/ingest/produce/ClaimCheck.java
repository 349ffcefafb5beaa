package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalPositions;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the log which is read continues the log that a claim stands on. For one thread.
 *
 * <p>Log is read again from {@link #readFrom} on. Each record goes to {@link #isNew}, which says
 * whether it comes after the claim; those before it change nothing.
 */
final class ClaimCheck {
  /*
   * A server that was put back to an older state, or another one that was restored from the same
   * backup, has the same system identifier and timeline, and its log has the position of the claim.
   * So the record at the claim is compared. Ways to do it, the best first:
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

  /** Returns the check of log that continues nothing. */
  static ClaimCheck ofNew(Lsn start, int segmentBytes) {
    ClaimCheck check = new ClaimCheck(start, null, segmentBytes, start);
    check.matched = true;
    return check;
  }

  /**
   * Returns the check of log that continues a claim.
   *
   * @param mark of the claim, null if it is not known
   * @param firstLsn where the log that can be read begins
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

  /** Returns the first LSN of interest; reading begins at the start of its page. */
  Lsn readFrom() {
    return readFrom;
  }

  /**
   * Returns whether a record comes after the claim.
   *
   * @throws ProduceException if the log does not continue the claim
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

  /** Returns whether the log continues the claim; false until that shows. */
  boolean hasMatched() {
    return matched;
  }

  /** The first record is the anchor, unless that is gone. */
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

  /** The record that ends at the claim was not seen: what follows must fit to it. */
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
        "the log is not the one that the topic was filled from, although cluster and timeline are"
            + (" the same: " + what + ": claim=" + claim)
            + (", claimed=" + (mark == null ? "unknown" : describe(mark)))
            + (", found=" + describe(RecordMark.of(found, null, Lsn.INVALID)))
            + (", foundEnd=" + found.endLsn())
            + "; the server was put back to an older state, or is another one restored from the"
            + " same backup, or its log was reset: use the right server or archive, or start a"
            + " timeline of its own with --timeline");
  }

  private static String describe(RecordMark mark) {
    return String.format(
        "(lsn %s, prev %s, crc %08X)", mark.startLsn(), mark.prevLsn(), mark.crc());
  }
}
