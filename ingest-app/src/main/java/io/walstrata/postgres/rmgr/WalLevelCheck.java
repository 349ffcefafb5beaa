package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Finds log that was written with {@code wal_level=minimal}: it lacks the contents of relations
 * that were filled by the transaction that created them. Not thread-safe.
 */
public final class WalLevelCheck {
  /*
   * What records show of the level they were written with:
   *
   *   PARAMETER_CHANGE     the level from here on; each change of it is logged by one
   *   checkpoint, CHECKPOINT_REDO, END_OF_RECOVERY     from 17 on: the level
   *   any Standby record   at least replica
   *   online checkpoint    before it, and after the place where its redo starts, a server writes a
   *                        RUNNING_XACTS record if its level is at least replica. If there is no
   *                        Standby record between the two, the level is minimal. Before 17 nothing
   *                        else shows the level in log that begins after it was set
   */
  private static final int MINIMAL = 0;

  private Lsn unprovenSince;

  /**
   * @param unprovenSince what {@link #unprovenSince} returned at the end of the record before those
   *     that come; {@link Lsn#INVALID} if nothing is known of the log before them
   */
  public WalLevelCheck(Lsn unprovenSince) {
    this.unprovenSince = unprovenSince;
  }

  /**
   * Returns where the log begins of which no record has shown yet that it is complete; {@link
   * Lsn#INVALID} before the first record.
   */
  public Lsn unprovenSince() {
    return unprovenSince;
  }

  /**
   * Checks the next record. Returns what shows that this one and some before it, or those that
   * follow, are of an incomplete log; null if nothing does.
   */
  public @Nullable String look(WalRecord record) {
    if (!unprovenSince.isValid()) {
      unprovenSince = record.lsn();
    }
    switch (Rmgr.of(record.rmgrId())) {
      case STANDBY -> unprovenSince = record.endLsn();
      case XLOG -> {
        return xlog(record);
      }
      default -> {
        // Shows nothing of the level.
      }
    }
    return null;
  }

  private @Nullable String xlog(WalRecord record) {
    WalBytes data = record.mainData();
    boolean statesLevel = record.version().atLeast(PgVersion.V17);
    switch (record.type()) {
      case XlogManager.PARAMETER_CHANGE -> {
        return level(record, data.i32(20));
      }
      case XlogManager.CHECKPOINT_SHUTDOWN -> {
        return statesLevel ? level(record, data.i32(20)) : null;
      }
      case XlogManager.CHECKPOINT_ONLINE -> {
        Lsn redo = Lsn.of(data.i64(0));
        return statesLevel
            ? level(record, data.i32(20))
            : redo.isBefore(unprovenSince) ? null : withoutTransactions(record, redo);
      }
      case XlogManager.END_OF_RECOVERY -> {
        return statesLevel ? level(record, data.i32(16)) : null;
      }
      case XlogManager.CHECKPOINT_REDO -> {
        return statesLevel ? level(record, data.i32(0)) : null;
      }
      default -> {
        return null;
      }
    }
  }

  private @Nullable String level(WalRecord record, int level) {
    if (level == MINIMAL) {
      return WalText.type(record) + " states wal_level=minimal";
    }
    unprovenSince = record.endLsn();
    return null;
  }

  private static String withoutTransactions(WalRecord record, Lsn redo) {
    return WalText.type(record) + " without a RUNNING_XACTS record since its redo=" + redo;
  }
}
