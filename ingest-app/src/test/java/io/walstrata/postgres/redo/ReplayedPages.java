package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a cluster while its log is replayed: of each the newest state, and of each key that
 * is no page all versions. Not thread-safe.
 */
final class ReplayedPages implements PageSource {
  private record Tombstone(KeyRange range, Lsn lsn) {}

  private final PostgresRedo redo;
  private final TreeMap<PageKey, Version> pages = new TreeMap<>();
  private final TreeMap<PageKey, List<Version>> others = new TreeMap<>();
  private final List<Tombstone> tombstones = new ArrayList<>();

  ReplayedPages(PostgresRedo redo) {
    this.redo = redo;
  }

  static boolean isPage(PageKey key) {
    return PageKind.of(key) != PageKind.NONE;
  }

  @Nullable Version get(PageKey key) {
    return pages.get(key);
  }

  TreeMap<PageKey, Version> all() {
    return pages;
  }

  void put(PageKey key, Lsn lsn, byte[] page) {
    pages.put(key, new Version(lsn, Value.image(page)));
  }

  void remove(PageKey key) {
    pages.remove(key);
  }

  /** Keeps a version of a key that is no page. */
  void keep(PageKey key, Version version) {
    others.computeIfAbsent(key, k -> new ArrayList<>()).add(version);
  }

  void remove(KeyRange range, Lsn lsn) {
    pages.subMap(range.startKey(), range.endKey()).clear();
    others.subMap(range.startKey(), range.endKey()).clear();
    tombstones.add(new Tombstone(range, lsn));
  }

  /** Replays one version on the page as it is. The result is not kept. */
  RedoResult replay(PageKey key, Version version) throws IOException {
    Version base = version.value().kind().needsOlder() ? pages.get(key) : null;
    Lsn dropped = base == null ? droppedAt(key) : null;
    return redo.redo(new RedoRequest(key, version.lsn(), base, List.of(version), dropped, this));
  }

  private @Nullable Lsn droppedAt(PageKey key) {
    for (int i = tombstones.size() - 1; i >= 0; i--) {
      if (tombstones.get(i).range().contains(key)) {
        return tombstones.get(i).lsn();
      }
    }
    return null;
  }

  @Override
  public RedoResult page(PageKey key, Lsn asOf) throws IOException {
    Version page = pages.get(key);
    List<Version> kept = others.getOrDefault(key, List.of());
    List<Version> records = new ArrayList<>();
    Version base = page;
    for (Version version : kept) {
      if (version.lsn().isAfter(asOf)) {
        break;
      }
      if (!version.value().kind().needsOlder()) {
        records.clear();
      }
      records.add(version);
    }
    return redo.redo(new RedoRequest(key, asOf, base, List.copyOf(records), droppedAt(key), this));
  }
}
