package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a topic holds of a timeline already.
 *
 * @param partition where the timeline's messages are, or, if there are none, where they will go
 * @param claim the last claim: complete up to and including this LSN; {@link Lsn#INVALID} if there
 *     is none
 * @param postgresTimeline PostgreSQL's own timeline number at the claim, if the message says so;
 *     unsigned 32 bits
 * @param mark by what the record that ends at the claim is known, if the message says so
 * @param lastVersion the highest LSN of a version or tombstone seen on the way to the claim; {@link
 *     Lsn#INVALID} if there was none
 * @param searchedFrom the first offset of the partition that still exists: above 0 the beginning of
 *     the topic has been deleted, and claims with it
 */
record ResumePosition(
    int partition,
    Lsn claim,
    OptionalInt postgresTimeline,
    Optional<RecordMark> mark,
    Lsn lastVersion,
    long searchedFrom) {

  /** Returns whether there is a claim to resume after. */
  public boolean isFound() {
    return !claim.equals(Lsn.INVALID);
  }

  /**
   * Throws unless this timeline is a new one or has a claim: without a claim it is not known where
   * what the topic holds of the timeline ends.
   *
   * @param topic for the message
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
