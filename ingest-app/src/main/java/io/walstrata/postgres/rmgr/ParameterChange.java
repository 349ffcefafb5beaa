package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Rmgr;
import org.jspecify.annotations.Nullable;

/**
 * What an XLOG PARAMETER_CHANGE record states of settings that redo depends on.
 *
 * @param logsHints {@code wal_log_hints} from the record on
 * @param tracksCommitTimestamps {@code track_commit_timestamp} from the record on
 */
public record ParameterChange(boolean logsHints, boolean tracksCommitTimestamps) {
  private static final int LOG_HINTS = 24;
  private static final int TRACK_COMMIT_TIMESTAMP = 25;

  /**
   * Reads a record; null if it is another one.
   *
   * @throws io.walstrata.postgres.wal.WalException if its contents are damaged
   */
  public static @Nullable ParameterChange read(RecordView record) {
    if (record.rmgrId() != Rmgr.XLOG.id() || record.type() != XlogManager.PARAMETER_CHANGE) {
      return null;
    }
    return new ParameterChange(
        record.main().u8(LOG_HINTS) != 0, record.main().u8(TRACK_COMMIT_TIMESTAMP) != 0);
  }
}
