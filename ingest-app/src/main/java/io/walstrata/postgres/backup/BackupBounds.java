package io.walstrata.postgres.backup;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.BackupSpan;
import io.walstrata.postgres.wal.ControlFile;
import org.jspecify.annotations.Nullable;

/**
 * The place of a base backup in a history.
 *
 * @param startLsn the LSN of its versions, from which on the WAL is needed
 * @param endLsn from which on its pages are consistent; {@link Lsn#INVALID} if that is not known,
 *     and then the WAL's BACKUP_END record that names the start states it
 * @param timeline PostgreSQL's timeline number at the start, unsigned 32 bits
 * @param isOnline whether it was taken from a running server: a page may be torn, or newer than the
 *     start
 */
public record BackupBounds(Lsn startLsn, Lsn endLsn, int timeline, boolean isOnline) {
  /**
   * Returns the bounds of files.
   *
   * @param label null if there is none: the files must be those of a stopped server
   * @param manifestTail the last bytes of the manifest, null if there is none
   * @throws BackupException if the files are not a base backup
   */
  static BackupBounds of(
      ControlFile control, @Nullable BackupLabel label, byte @Nullable [] manifestTail) {
    ControlFile.Position position = control.position();
    requirePages(position);
    if (label != null) {
      Lsn end = BackupLabel.endLsn(manifestTail);
      if (!end.isValid() && label.isFromStandby()) {
        end = position.minRecoveryLsn();
      }
      return new BackupBounds(label.startLsn(), end, label.timeline(), true);
    }
    if (!position.isStopped()) {
      throw new BackupException(
          "the files are those of a server that runs or was not shut down, and no backup: missing="
              + (BackupLabel.PATH + ", checkpoint=" + position.redoLsn())
              + "; shut the server down, take a backup with pg_basebackup, or use --url");
    }
    boolean isStandby = position.minRecoveryLsn().isAfter(position.redoLsn());
    return new BackupBounds(
        position.redoLsn(),
        isStandby ? position.minRecoveryLsn() : position.redoLsn(),
        position.timeline(),
        isStandby);
  }

  /** Throws unless the cluster has pages of the length that keys and redo assume. */
  public static void requirePages(ControlFile.Position position) {
    if (position.pageBytes() != Page.BYTES || position.blocksPerSegment() < 1) {
      throw new BackupException(
          "the cluster was built with other lengths than are supported: pageBytes="
              + (position.pageBytes() + ", supported=" + Page.BYTES)
              + (", blocksPerSegment=" + position.blocksPerSegment()));
    }
  }

  /** Returns the value of {@link io.walstrata.postgres.wal.PgKeys#BASE_BACKUP}. */
  public byte[] toValue() {
    return new BackupSpan(startLsn, endLsn).toValue();
  }
}
