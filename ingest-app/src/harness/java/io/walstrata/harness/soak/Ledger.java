package io.walstrata.harness.soak;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that was sent of one timeline, in plain sorted maps: what the job must have, once it is
 * acknowledged. Nothing in here is shared with the engine but the value types. Thread-safe.
 */
public final class Ledger {
  /** A range of keys that is deleted as of an LSN. */
  public record Tombstone(KeyRange keys, Lsn lsn) {
    private boolean covers(PageKey key) {
      return key.compareTo(keys.startKey()) >= 0 && key.compareTo(keys.endKey()) < 0;
    }
  }

  /**
   * The answer to a read of a page.
   *
   * @param status of the answer, or the code of the error, as over HTTP
   * @param versions oldest first, the base included
   */
  public record Answer(String status, List<Version> versions) {}

  private static final TreeMap<Lsn, Value> NO_VERSIONS = new TreeMap<>();

  private final TreeMap<PageKey, TreeMap<Lsn, Value>> pages = new TreeMap<>();
  private final List<Tombstone> tombstones = new ArrayList<>();
  private Lsn lastLsn = Lsn.INVALID;
  private Lsn acknowledgedLsn = Lsn.INVALID;

  /** Adds a version; its LSN is not below those before. */
  public synchronized void add(PageKey key, Version version) {
    pages.computeIfAbsent(key, each -> new TreeMap<>()).put(version.lsn(), version.value());
    lastLsn = version.lsn();
  }

  /** Adds a tombstone; its LSN is above those before. */
  public synchronized void add(Tombstone tombstone) {
    tombstones.add(tombstone);
    lastLsn = tombstone.lsn();
  }

  /** Notes progress of the timeline without a change. */
  public synchronized void progress(Lsn mark) {
    lastLsn = mark;
  }

  /** Notes that the broker has everything up to the LSN. */
  public synchronized void acknowledge(Lsn lsn) {
    acknowledgedLsn = lsn.isAfter(acknowledgedLsn) ? lsn : acknowledgedLsn;
  }

  /** Returns up to where everything was sent. */
  public synchronized Lsn lastLsn() {
    return lastLsn;
  }

  /** Returns up to where the broker has everything; {@link Lsn#INVALID} for nothing. */
  public synchronized Lsn acknowledgedLsn() {
    return acknowledgedLsn;
  }

  /** Returns how many versions there are up to an LSN, inclusive. */
  public synchronized long versions(Lsn upTo) {
    return pages.values().stream().mapToLong(page -> page.headMap(upTo, true).size()).sum();
  }

  public synchronized List<PageKey> keys() {
    return List.copyOf(pages.keySet());
  }

  /**
   * Returns the page's versions up to an LSN, inclusive, oldest first, those that a tombstone
   * deletes too.
   */
  synchronized List<Version> versions(PageKey key, Lsn upTo) {
    return pages.getOrDefault(key, NO_VERSIONS).headMap(upTo, true).entrySet().stream()
        .map(each -> new Version(each.getKey(), each.getValue()))
        .toList();
  }

  /** Returns the tombstones up to an LSN, inclusive. */
  synchronized List<Tombstone> tombstones(Lsn upTo) {
    return tombstones.stream().filter(tombstone -> !tombstone.lsn().isAfter(upTo)).toList();
  }

  /**
   * Returns where the page changed: the LSNs of its versions and of the tombstones that cover it.
   */
  public synchronized List<Lsn> lsns(PageKey key) {
    return Stream.concat(
            pages.getOrDefault(key, NO_VERSIONS).keySet().stream(),
            tombstones.stream().filter(tombstone -> tombstone.covers(key)).map(Tombstone::lsn))
        .sorted()
        .toList();
  }

  /** Returns the answer that a read of the page must have. */
  public synchronized Answer read(PageKey key, Lsn asOf) {
    @Nullable Lsn dropped =
        tombstones.stream()
            .filter(tombstone -> tombstone.covers(key) && !tombstone.lsn().isAfter(asOf))
            .map(Tombstone::lsn)
            .max(Lsn::compareTo)
            .orElse(null);
    List<Version> found = new ArrayList<>();
    boolean complete = false;
    for (var each :
        pages.getOrDefault(key, NO_VERSIONS).headMap(asOf, true).descendingMap().entrySet()) {
      if (dropped != null && !each.getKey().isAfter(dropped)) {
        break;
      }
      found.add(new Version(each.getKey(), each.getValue()));
      if (each.getValue().kind() != ValueKind.WAL_RECORD) {
        complete = true;
        break;
      }
    }
    Collections.reverse(found);
    if (found.isEmpty()) {
      return new Answer(dropped != null ? "page_dropped" : "before_history", List.of());
    }
    return new Answer(complete ? "complete" : "incomplete", List.copyOf(found));
  }
}
