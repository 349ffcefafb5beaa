package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;

/**
 * How far a producer is. Counts are of this run. LSNs are {@link Lsn#INVALID} while unknown, and of
 * several timelines (synthetic load) those of the one that lags most.
 *
 * @param state what it is doing, for a status line
 * @param records WAL records read after the resume position
 * @param versions page versions handed to Kafka
 * @param goal how many versions this run is to make, -1 if that is not known
 * @param tombstones dropped key ranges handed to Kafka
 * @param messages messages handed to Kafka
 * @param bytes the versions' value bytes handed to Kafka
 * @param outstanding messages that Kafka has not acknowledged yet
 * @param sourceLsn how far the source could be read: PostgreSQL's flush position, the end of the
 *     last file, the last LSN to be made
 * @param readLsn end of the last WAL record read
 * @param sentLsn the last claim handed to Kafka
 * @param ackedLsn the last claim acknowledged by Kafka; a restart resumes here or further
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

  /** Returns the progress of a producer that has nothing to tell yet. */
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
    /** The source is away; tries again. */
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

  /** Returns how many bytes of log lie between the source's end and what Kafka acknowledged. */
  public long lagBytes() {
    if (sourceLsn.equals(Lsn.INVALID) || !ackedLsn.isBefore(sourceLsn)) {
      return 0;
    }
    long lag = sourceLsn.value() - ackedLsn.value();
    return lag < 0 ? Long.MAX_VALUE : lag; // Unsigned; nothing acknowledged of a log far on.
  }
}
