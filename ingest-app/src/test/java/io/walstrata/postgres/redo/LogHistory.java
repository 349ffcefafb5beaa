package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.rmgr.PageVersion;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.rmgr.WalMapper;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All versions and tombstones of a log, in memory: what a timeline has of it. Not thread-safe. */
final class LogHistory implements PageSource {
  private record Tombstone(KeyRange range, Lsn lsn) {}

  private final WalMapper mapper = new WalMapper(WalMapper.Unrepresentable.REPORT);
  private final PostgresRedo redo;
  private final TreeMap<PageKey, List<Version>> versions = new TreeMap<>();
  private final List<Tombstone> tombstones = new ArrayList<>();

  LogHistory(PostgresRedo redo) {
    this.redo = redo;
  }

  /** Adds what a record does. */
  WalEffects add(WalRecord record) {
    WalEffects effects = mapper.map(record);
    for (KeyRange range : effects.tombstones()) {
      tombstones.add(new Tombstone(range, effects.lsn()));
    }
    for (PageVersion version : effects.versions()) {
      add(version.key(), new Version(effects.lsn(), version.value()));
    }
    return effects;
  }

  /** Adds a version, the newest of its key. */
  void add(PageKey key, Version version) {
    versions.computeIfAbsent(key, k -> new ArrayList<>()).add(version);
  }

  /** Returns all versions of all keys. */
  NavigableMap<PageKey, List<Version>> all() {
    return versions;
  }

  /** Returns a page as of an LSN from its whole history. */
  @Override
  public RedoResult page(PageKey key, Lsn asOf) throws IOException {
    return redo.redo(versions(key, asOf));
  }

  @Override
  public RedoRequest versions(PageKey key, Lsn asOf) {
    Lsn dropped = droppedAt(key, asOf);
    List<Version> all = versions.getOrDefault(key, List.of());
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
        versions.subMap(keys.startKey(), keys.endKey()).entrySet()) {
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
  @Nullable Lsn droppedAt(PageKey key, Lsn asOf) {
    for (int i = tombstones.size() - 1; i >= 0; i--) {
      Tombstone tombstone = tombstones.get(i);
      if (!tombstone.lsn().isAfter(asOf) && tombstone.range().contains(key)) {
        return tombstone.lsn();
      }
    }
    return null;
  }
}
