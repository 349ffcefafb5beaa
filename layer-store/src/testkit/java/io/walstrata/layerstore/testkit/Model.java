package io.walstrata.layerstore.testkit;

import io.walstrata.layerstore.HistoryEntry;
import io.walstrata.layerstore.PutResult;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One timeline as the store should show it, kept in the plainest way. */
public final class Model {
  /** What a read should give. */
  public record Expected(
      ReconstructData.Status status,
      @Nullable Version base,
      List<Version> records,
      @Nullable Lsn droppedAt) {}

  private final TreeMap<PageKey, TreeMap<Lsn, Value>> versions = new TreeMap<>();
  private final Set<Tombstone> tombstones = new HashSet<>();
  private Lsn lastLsn = Lsn.INVALID;

  public Lsn lastLsn() {
    return lastLsn;
  }

  public long versions() {
    return versions.values().stream().mapToLong(Map::size).sum();
  }

  /** Returns the LSNs of versions, those that are hidden as well. */
  public Set<Lsn> versionLsns() {
    Set<Lsn> lsns = new HashSet<>();
    versions.values().forEach(ofKey -> lsns.addAll(ofKey.keySet()));
    return lsns;
  }

  public PutResult put(PageKey key, Lsn lsn, Value value) {
    TreeMap<Lsn, Value> ofKey = versions.computeIfAbsent(key, k -> new TreeMap<>());
    PutResult result = judge(ofKey.containsKey(lsn), lsn);
    if (result == PutResult.ADDED) {
      ofKey.put(lsn, value);
    }
    return result;
  }

  public PutResult tombstone(KeyRange keys, Lsn lsn) {
    Tombstone tombstone = new Tombstone(keys, lsn);
    PutResult result = judge(tombstones.contains(tombstone), lsn);
    if (result == PutResult.ADDED) {
      tombstones.add(tombstone);
    }
    return result;
  }

  /** Whatever was frozen when: what is there stays. */
  private PutResult judge(boolean isThere, Lsn lsn) {
    if (isThere) {
      return PutResult.DUPLICATE;
    }
    if (lsn.isBefore(lastLsn)) {
      return PutResult.LATE;
    }
    lastLsn = lsn;
    return PutResult.ADDED;
  }

  public void progress(Lsn lsn) {
    lastLsn = lsn.isAfter(lastLsn) ? lsn : lastLsn;
  }

  public Expected get(PageKey key, Lsn asOf) {
    Lsn dropped = null;
    for (Tombstone tombstone : tombstones) {
      if (tombstone.keys().contains(key)
          && !tombstone.lsn().isAfter(asOf)
          && (dropped == null || tombstone.lsn().isAfter(dropped))) {
        dropped = tombstone.lsn();
      }
    }
    List<Version> oldestFirst = new ArrayList<>();
    for (Map.Entry<Lsn, Value> version :
        versions.getOrDefault(key, new TreeMap<>()).headMap(asOf, true).entrySet()) {
      boolean hidden = dropped != null && !version.getKey().isAfter(dropped);
      if (!hidden) {
        if (!version.getValue().kind().needsOlder()) {
          oldestFirst.clear();
        }
        oldestFirst.add(new Version(version.getKey(), version.getValue()));
      }
    }
    return expected(oldestFirst, dropped);
  }

  /** Returns the keys of a range that have a version at or below an LSN, hidden ones too. */
  public List<PageKey> written(KeyRange keys, Lsn asOf) {
    List<PageKey> written = new ArrayList<>();
    versions
        .subMap(keys.startKey(), keys.endKey())
        .forEach(
            (key, ofKey) -> {
              if (ofKey.floorKey(asOf) != null) {
                written.add(key);
              }
            });
    return written;
  }

  /** Returns what became of a page in an LSN range, newest first. */
  public List<HistoryEntry> history(PageKey key, LsnRange lsns) {
    TreeMap<Lsn, Value> ofKey = versions.getOrDefault(key, new TreeMap<>());
    TreeSet<Lsn> tombstoneLsns = new TreeSet<>();
    for (Tombstone tombstone : tombstones) {
      if (tombstone.keys().contains(key)) {
        tombstoneLsns.add(tombstone.lsn());
      }
    }
    TreeSet<Lsn> all = new TreeSet<>(ofKey.keySet());
    all.addAll(tombstoneLsns);
    List<HistoryEntry> entries = new ArrayList<>();
    for (Lsn lsn : all.descendingSet()) {
      if (lsns.contains(lsn)) {
        entries.add(new HistoryEntry(lsn, ofKey.get(lsn), tombstoneLsns.contains(lsn)));
      }
    }
    return entries;
  }

  private static Expected expected(List<Version> versions, @Nullable Lsn dropped) {
    if (versions.isEmpty()) {
      return new Expected(
          dropped == null ? ReconstructData.Status.BEFORE_HISTORY : ReconstructData.Status.DROPPED,
          null,
          List.of(),
          dropped);
    }
    Version first = versions.get(0);
    return switch (first.value().kind()) {
      case IMAGE ->
          new Expected(
              ReconstructData.Status.COMPLETE, first, versions.subList(1, versions.size()), null);
      case WAL_RECORD_WILL_INIT ->
          new Expected(ReconstructData.Status.COMPLETE, null, versions, null);
      case WAL_RECORD -> new Expected(ReconstructData.Status.INCOMPLETE, null, versions, dropped);
    };
  }
}
