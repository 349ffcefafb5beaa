package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Version;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalException;
import java.util.List;
import java.util.Optional;

/** Finds the record with which the WAL of a base backup ends. */
public final class BackupEnd {
  private BackupEnd() {}

  /**
   * Returns the end of the BACKUP_END record that names a backup's start.
   *
   * @param records on the control file's key, oldest first
   */
  public static Optional<Lsn> find(List<Version> records, Lsn startLsn) {
    RecordView record = new RecordView();
    for (Version version : records) {
      try {
        record.read(PgKeys.CONTROL_FILE, version.value().bytes(), version.lsn());
        if (record.rmgrId() == Rmgr.XLOG.id()
            && record.type() == XlogManager.BACKUP_END
            && record.main().i64(0) == startLsn.value()) {
          return Optional.of(version.lsn());
        }
      } catch (WalException e) {
        // A damaged record is reported by a read of the control file, and ends no backup.
      }
    }
    return Optional.empty();
  }
}
