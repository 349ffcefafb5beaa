package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The position at which a timeline resumes: what a topic already holds of it.
 *
 * @param partition where the timeline's messages are, or, if there are none, where they will go
 * @param claim the last claim: complete up to and including this LSN; {@link Lsn#INVALID} if there
 *     is none
 * @param postgresTimeline PostgreSQL's own timeline number at the claim, if the message has it;
 *     unsigned 32 bits
 * @param mark of the record that ends at the claim, if the message has it
 * @param lastVersion the highest LSN of a version or tombstone read on the way to the claim; {@link
 *     Lsn#INVALID} if there was none
 * @param searchedFrom the first offset of the partition that still exists: above 0 the beginning of
 *     the topic has been deleted, and claims with it
 * @param backup the base backup that the timeline's last message is of; empty if it is of none
 */
record ResumePosition(
    int partition,
    Lsn claim,
    OptionalInt postgresTimeline,
    Optional<RecordMark> mark,
    Lsn lastVersion,
    long searchedFrom,
    Optional<HeldBackup> backup) {

  /** Returns a position without a base backup. */
  ResumePosition(
      int partition,
      Lsn claim,
      OptionalInt postgresTimeline,
      Optional<RecordMark> mark,
      Lsn lastVersion,
      long searchedFrom) {
    this(partition, claim, postgresTimeline, mark, lastVersion, searchedFrom, Optional.empty());
  }

  /** Returns the same position with another claim. */
  ResumePosition withClaim(Lsn other) {
    return new ResumePosition(
        partition, other, postgresTimeline, mark, lastVersion, searchedFrom, backup);
  }

  /** Throws if the topic holds a part of a base backup: WAL must not come before its end. */
  void requireWholeBackup(String topic) {
    if (backup.isPresent() && claim.isBefore(backup.get().startLsn())) {
      throw ProduceException.failed(
          "the topic holds a base backup that is not complete: topic="
              + (topic + ", partition=" + partition + ", startLsn=" + backup.get().startLsn())
              + "; start 'walstrata produce base-backup' again, which resumes it, and then this");
    }
  }

  /** Throws if the claim is before a start that was asked for: records would be skipped. */
  void requireReaches(Optional<Lsn> start) {
    if (start.isPresent() && claim.isBefore(start.get())) {
      throw ProduceException.failed(
          "start LSN is after the last claim in the topic, records in between would be skipped:"
              + (" start=" + start.get() + ", claim=" + claim)
              + "; leave start out to resume, or write to a timeline of its own with --timeline");
    }
  }

  /** Returns whether there is a claim to resume after. */
  public boolean isFound() {
    return !claim.equals(Lsn.INVALID);
  }

  /**
   * Throws unless this timeline is a new one or has a claim: without a claim it is not known up to
   * which LSN the topic holds the timeline.
   *
   * @param topic for the message
   */
  void requireFoundOrNew(String topic) {
    requireFoundOrNew(topic, "give the LSN to continue at with --start, or use another --timeline");
  }

  /**
   * Throws as {@link #requireFoundOrNew(String)} does.
   *
   * @param advice what the user can do, for the message
   */
  void requireFoundOrNew(String topic, String advice) {
    if (isFound()) {
      return;
    }
    if (!lastVersion.equals(Lsn.INVALID)) {
      throw ProduceException.failed(
          "the topic holds versions of the timeline but no claim of how far it is complete: topic="
              + (topic + ", partition=" + partition + ", lastVersion=" + lastVersion + "; ")
              + advice);
    }
    if (searchedFrom > 0) {
      throw ProduceException.failed(
          "no claim of the timeline in the topic, whose oldest messages have been deleted: topic="
              + (topic + ", partition=" + partition + ", firstOffset=" + searchedFrom + "; ")
              + advice);
    }
  }
}
