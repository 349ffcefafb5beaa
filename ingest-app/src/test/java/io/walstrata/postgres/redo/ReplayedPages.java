package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a cluster while its log is replayed: of each the newest state, and of each key all
 * versions, for redo that reads other keys. Not thread-safe.
 */
final class ReplayedPages implements PageSource {
  private record Tombstone(KeyRange range, Lsn lsn) {}

  private final PostgresRedo redo;
  private final TreeMap<PageKey, Version> pages = new TreeMap<>();
  private final TreeMap<PageKey, List<Version>> history = new TreeMap<>();
  private final List<Tombstone> tombstones = new ArrayList<>();

  ReplayedPages(PostgresRedo redo) {
    this.redo = redo;
  }

  /** Returns whether a key is that of a page, not one of a size or of the cluster's own state. */
  static boolean isPage(PageKey key) {
    return PageKind.of(key) != PageKind.NONE;
  }

  /** Returns the newest state of a page, null if it is not known. */
  @Nullable Version newest(PageKey key) {
    return pages.get(key);
  }

  /** Returns the newest state of all pages. */
  NavigableMap<PageKey, Version> newest() {
    return pages;
  }

  /** Adds a version of a key to its history. */
  void add(PageKey key, Version version) {
    history.computeIfAbsent(key, k -> new ArrayList<>()).add(version);
  }

  /** Sets the newest state of a page. */
  void put(PageKey key, Lsn lsn, byte[] page) {
    pages.put(key, new Version(lsn, Value.image(page)));
  }

  /** Forgets the newest state of a page. */
  void forget(PageKey key) {
    pages.remove(key);
  }

  void delete(KeyRange range, Lsn lsn) {
    pages.subMap(range.startKey(), range.endKey()).clear();
    tombstones.add(new Tombstone(range, lsn));
  }

  /** Replays one version on the page as it is. The result is not kept. */
  RedoResult replay(PageKey key, Version version) throws IOException {
    Version base = version.value().kind().needsOlder() ? pages.get(key) : null;
    Lsn dropped = base == null ? droppedAt(key, version.lsn()) : null;
    return redo.redo(new RedoRequest(key, version.lsn(), base, List.of(version), dropped, this));
  }

  /** Returns a page as of an LSN from its whole history. */
  @Override
  public RedoResult page(PageKey key, Lsn asOf) throws IOException {
    return redo.redo(versions(key, asOf));
  }

  @Override
  public RedoRequest versions(PageKey key, Lsn asOf) {
    Lsn dropped = droppedAt(key, asOf);
    List<Version> all = history.getOrDefault(key, List.of());
    int end = all.size();
    while (end > 0 && all.get(end - 1).lsn().isAfter(asOf)) {
      end--;
    }
    int start = end;
    boolean isComplete = false;
    while (start > 0 && !isComplete && !isHidden(all.get(start - 1), dropped)) {
      start--;
      isComplete = !all.get(start).value().kind().needsOlder();
    }
    Version base = null;
    if (isComplete && all.get(start).value().kind() == ValueKind.IMAGE) {
      base = all.get(start);
      start++;
    }
    return new RedoRequest(
        key, asOf, base, List.copyOf(all.subList(start, end)), isComplete ? null : dropped, this);
  }

  private static boolean isHidden(Version version, @Nullable Lsn dropped) {
    return dropped != null && !version.lsn().isAfter(dropped);
  }

  @Override
  public @Nullable PageKey firstKey(KeyRange keys, Lsn asOf) {
    for (Map.Entry<PageKey, List<Version>> each :
        history.subMap(keys.startKey(), keys.endKey()).entrySet()) {
      Lsn dropped = droppedAt(each.getKey(), asOf);
      for (Version version : each.getValue()) {
        if (!version.lsn().isAfter(asOf) && !isHidden(version, dropped)) {
          return each.getKey();
        }
      }
    }
    return null;
  }

  /** Returns the LSN of the newest tombstone of a key, null if there is none. */
  private @Nullable Lsn droppedAt(PageKey key, Lsn asOf) {
    for (int i = tombstones.size() - 1; i >= 0; i--) {
      Tombstone tombstone = tombstones.get(i);
      if (!tombstone.lsn().isAfter(asOf) && tombstone.range().contains(key)) {
        return tombstone.lsn();
      }
    }
    return null;
  }
}
