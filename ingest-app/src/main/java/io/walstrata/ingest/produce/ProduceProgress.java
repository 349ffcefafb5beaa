package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;

/**
 * The progress of a producer. Counts are of this run. LSNs are {@link Lsn#INVALID} while unknown;
 * of several timelines (synthetic load) they are those of the one that lags most.
 *
 * @param state what it is doing, for a status line
 * @param records WAL records read after the resume position
 * @param versions page versions sent to Kafka
 * @param goal how many versions this run is to make, -1 if that is not known
 * @param tombstones tombstones sent to Kafka
 * @param messages messages sent to Kafka
 * @param bytes the versions' value bytes sent to Kafka
 * @param outstanding messages that Kafka has not acknowledged yet
 * @param sourceLsn the end of what the source has: PostgreSQL's flush position, the end of the last
 *     file, the last LSN to be made
 * @param readLsn end of the last WAL record read
 * @param sentLsn the last claim sent to Kafka
 * @param ackedLsn the last claim acknowledged by Kafka; a restart resumes here or after it
 */
public record ProduceProgress(
    State state,
    long records,
    long versions,
    long goal,
    long tombstones,
    long messages,
    long bytes,
    long outstanding,
    Lsn sourceLsn,
    Lsn readLsn,
    Lsn sentLsn,
    Lsn ackedLsn) {

  /** Returns the progress of a producer that has read nothing yet. */
  static ProduceProgress none(State state) {
    return new ProduceProgress(
        state, 0, 0, -1, 0, 0, 0, 0, Lsn.INVALID, Lsn.INVALID, Lsn.INVALID, Lsn.INVALID);
  }

  /** What a producer is doing. */
  public enum State {
    /** Looks for the last claim in the topic, connects. */
    STARTING,
    /** Reads and sends. */
    STREAMING,
    /** The source is unavailable; retries. */
    RECONNECTING,
    /** Kafka does not acknowledge; waits. */
    STALLED,
    /** Sends what is left. */
    CLOSING,
    /** Done, all acknowledged. */
    FINISHED,
    /** Ended by a failure. */
    FAILED
  }

  /** Returns how many bytes of WAL are between what Kafka acknowledged and the source's end. */
  public long lagBytes() {
    if (sourceLsn.equals(Lsn.INVALID) || !ackedLsn.isBefore(sourceLsn)) {
      return 0;
    }
    long lag = sourceLsn.value() - ackedLsn.value();
    return lag < 0 ? Long.MAX_VALUE : lag; // Unsigned: nothing acknowledged, and a large LSN.
  }
}
