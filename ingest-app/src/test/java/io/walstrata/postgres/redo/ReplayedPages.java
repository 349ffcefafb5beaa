package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a cluster while its log is replayed, record by record: of each the newest state.
 * Redo that reads other keys finds their history. Not thread-safe.
 */
final class ReplayedPages {
  private final PostgresRedo redo = new PostgresRedo();
  private final LogHistory history = new LogHistory(redo);
  private final TreeMap<PageKey, Version> pages = new TreeMap<>();

  /** Returns whether a key is that of a page, not one of a size or of the cluster's own state. */
  static boolean isPage(PageKey key) {
    PageKind kind = PageKind.of(key);
    return kind != PageKind.NONE && kind != PageKind.SIZE;
  }

  /** Adds what a record does to the history, and removes what it deletes. */
  WalEffects add(WalRecord record) {
    WalEffects effects = history.add(record);
    for (KeyRange range : effects.tombstones()) {
      pages.subMap(range.startKey(), range.endKey()).clear();
    }
    return effects;
  }

  /** Returns the newest state of a page, null if it is not known. */
  @Nullable Version newest(PageKey key) {
    return pages.get(key);
  }

  /** Sets the newest state of a page. */
  void put(PageKey key, Lsn lsn, byte[] page) {
    pages.put(key, new Version(lsn, Value.image(page)));
  }

  /** Forgets the newest state of a page. */
  void forget(PageKey key) {
    pages.remove(key);
  }

  /** Replays one version on the page as it is. The result is not kept. */
  RedoResult replay(PageKey key, Version version) throws IOException {
    Version base = version.value().kind().needsOlder() ? pages.get(key) : null;
    Lsn dropped = base == null ? history.droppedAt(key, version.lsn()) : null;
    return redo.redo(new RedoRequest(key, version.lsn(), base, List.of(version), dropped, history));
  }
}
