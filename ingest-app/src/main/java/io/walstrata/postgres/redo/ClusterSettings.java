package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.postgres.rmgr.ParameterChange;
import io.walstrata.postgres.wal.ControlFile;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings that redo depends on, as far as history states them: in the control file that a base
 * backup brought, and in the records that change them.
 */
final class ClusterSettings {
  /** A setting from an LSN on. */
  record Change(Lsn lsn, ParameterChange values) {}

  private final @Nullable Version file;
  private final @Nullable ControlFile control;
  private final List<Change> changes;

  private ClusterSettings(
      @Nullable Version file, @Nullable ControlFile control, List<Change> changes) {
    this.file = file;
    this.control = control;
    this.changes = changes;
  }

  /**
   * Returns what history states at or below an LSN.
   *
   * @throws io.walstrata.postgres.wal.WalException if the control file or a record is damaged
   */
  static ClusterSettings read(PageSource source, Lsn asOf) throws IOException {
    RedoRequest versions = source.versions(PgKeys.CONTROL_FILE, asOf);
    Version file = versions.base();
    ControlFile control = file == null ? null : ControlFile.read(file.value().bytes());
    List<Change> changes = new ArrayList<>();
    RecordView record = new RecordView();
    for (Version version : versions.records()) {
      record.read(PgKeys.CONTROL_FILE, version.value().bytes(), version.lsn());
      ParameterChange change = ParameterChange.read(record);
      if (change != null) {
        changes.add(new Change(version.lsn(), change));
      }
    }
    return new ClusterSettings(file, control, changes);
  }

  /** Returns whether the control file, and with it these settings, was written after an LSN. */
  boolean beginAfter(Lsn lsn) {
    return file != null && file.lsn().isAfter(lsn);
  }

  /** Returns whether pages have checksums; null if that is not known. */
  @Nullable Boolean hasDataChecksums() {
    return control == null ? null : control.hasDataChecksums();
  }

  /** Returns {@code wal_log_hints} at an LSN; null if that is not known. */
  @Nullable Boolean logsHints(Lsn lsn) {
    Boolean logs = control == null ? null : control.logsHints();
    for (Change change : changes) {
      if (!change.lsn().isAfter(lsn)) {
        logs = change.values().logsHints();
      }
    }
    return logs;
  }

  /** Returns the changes, oldest first. */
  List<Change> changes() {
    return changes;
  }
}
