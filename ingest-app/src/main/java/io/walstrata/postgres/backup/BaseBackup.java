package io.walstrata.postgres.backup;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.wal.ControlFile;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A base backup whose versions can be read. For one thread. */
public interface BaseBackup extends Closeable {
  /** Returns what the cluster's control file states. */
  ControlFile control();

  /** Returns the place of the backup in a history. */
  BackupBounds bounds();

  /** Returns a word without spaces that is the same for all backups with the same order. */
  String order();

  /** Returns about how many versions it has. */
  long countVersions() throws IOException;

  /**
   * Passes on all versions but those of the cluster's own key {@link
   * io.walstrata.postgres.wal.PgKeys#BASE_BACKUP}, in an order that is the same each time.
   *
   * @param after the last one that was taken in an earlier run; null for none
   * @throws BackupException if the files are damaged
   */
  void copyTo(BackupSink sink, @Nullable PageKey after) throws IOException;
}
