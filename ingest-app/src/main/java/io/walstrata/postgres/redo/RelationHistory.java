package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.postgres.rmgr.DatabaseCopy;
import io.walstrata.postgres.rmgr.SizeChange;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How a relation begins in history: with the record that created it, with a base backup, as part of
 * a database that was copied, or not at all. For one thread.
 *
 * <p>Its methods throw a {@link io.walstrata.postgres.wal.WalException} or {@link
 * io.walstrata.postgres.rmgr.RedoException} if a version that states it is damaged.
 */
final class RelationHistory {
  /** How many truncations are read, newest first, in search of a relation's creation. */
  static final int MAX_TRUNCATIONS = 64;

  private final PageSource source;
  private final RecordView record = new RecordView();

  RelationHistory(PageSource source) {
    this.source = source;
  }

  /**
   * Returns whether history has all of a relation's changes up to an LSN: the record that created
   * it, or all of its pages as a base backup found them. Then a page without a version is a page of
   * zeros, or not there.
   *
   * @param key any page of the relation
   */
  boolean isComplete(PageKey key, Lsn asOf) throws IOException {
    PageKey size = createdWith(key);
    Lsn at = asOf;
    for (int i = 0; i < MAX_TRUNCATIONS && at.isValid(); i++) {
      RedoRequest versions = source.versions(size, at);
      Version newest = newest(versions);
      if (newest == null) {
        return versions.droppedAt() != null;
      }
      boolean isImage = versions.records().isEmpty();
      if (isImage || readSize(size, newest).isCreate()) {
        return true;
      }
      at = before(newest.lsn());
    }
    return false;
  }

  /** A map is made without a record when it is first needed: it begins when its heap begins. */
  private static PageKey createdWith(PageKey key) {
    boolean isMap = key.fork() == PgKeys.FSM_FORK || key.fork() == PgKeys.VM_FORK;
    return PgKeys.size(key.spc(), key.db(), key.rel(), isMap ? PgKeys.MAIN_FORK : key.fork());
  }

  /** Reads a record on the key of a fork's size. */
  SizeChange readSize(PageKey size, Version version) {
    record.read(size, version.value().bytes(), version.lsn());
    return SizeChange.read(record);
  }

  /**
   * Returns what a database was copied from, file by file, up to an LSN; null if it was not, or
   * history has no record of it.
   *
   * @param key anything of the database
   */
  @Nullable DatabaseCopy copy(PageKey key, Lsn asOf) throws IOException {
    PageKey directory = PgKeys.relationDirectory(key.spc(), key.db());
    Version newest = newest(source.versions(directory, asOf));
    if (newest == null || newest.value().kind() == ValueKind.IMAGE) {
      return null;
    }
    record.read(directory, newest.value().bytes(), newest.lsn());
    return DatabaseCopy.read(record);
  }

  static @Nullable Version newest(RedoRequest versions) {
    int count = versions.records().size();
    return count == 0 ? versions.base() : versions.records().get(count - 1);
  }

  static Lsn before(Lsn lsn) {
    return Lsn.of(lsn.value() - 1);
  }
}
