package io.walstrata.ingest.it;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All that was sent of one timeline, in plain sorted maps: what the job must know. Thread-safe. */
final class Ledger {
  /** One version; its value is in base64. */
  record Entry(PageKey key, Lsn lsn, boolean isImage, boolean willInit, String value) {
    boolean isBase() {
      return isImage || willInit;
    }

    String text() {
      String kind = isImage ? "image" : willInit ? "init" : "record";
      return kind + "@" + lsn + ":" + value;
    }
  }

  /** A dropped range of keys. */
  record Drop(PageKey startKey, PageKey endKey, Lsn lsn) {
    boolean covers(PageKey key) {
      return key.compareTo(startKey) >= 0 && key.compareTo(endKey) < 0;
    }
  }

  /**
   * What reading a page gives.
   *
   * @param status of the answer, or the code of the error
   * @param versions oldest first, the base included
   */
  record Answer(String status, List<String> versions) {}

  private final TreeMap<PageKey, TreeMap<Lsn, Entry>> pages = new TreeMap<>();
  private final List<Drop> drops = new ArrayList<>();
  private Lsn lastLsn = Lsn.INVALID;
  private long versions;

  synchronized void add(Entry entry) {
    pages.computeIfAbsent(entry.key(), key -> new TreeMap<>()).put(entry.lsn(), entry);
    versions++;
    lastLsn = entry.lsn();
  }

  synchronized void add(Drop drop) {
    drops.add(drop);
    lastLsn = drop.lsn();
  }

  synchronized void progress(Lsn mark) {
    lastLsn = mark;
  }

  synchronized Lsn lastLsn() {
    return lastLsn;
  }

  synchronized long versions() {
    return versions;
  }

  synchronized List<PageKey> keys() {
    return List.copyOf(pages.keySet());
  }

  /** Returns the LSNs of the page's versions, and of the drops that cover it. */
  synchronized List<Lsn> lsns(PageKey key) {
    List<Lsn> lsns = new ArrayList<>(pages.getOrDefault(key, new TreeMap<>()).keySet());
    drops.stream().filter(drop -> drop.covers(key)).forEach(drop -> lsns.add(drop.lsn()));
    Collections.sort(lsns);
    return lsns;
  }

  /** Returns whether the page is there now, so that a record has something to build on. */
  synchronized boolean hasPage(PageKey key) {
    return read(key, Lsn.MAX).status().equals("complete");
  }

  /** Returns what reading the page must give. */
  synchronized Answer read(PageKey key, Lsn asOf) {
    @Nullable Lsn dropped =
        drops.stream()
            .filter(drop -> drop.covers(key) && !drop.lsn().isAfter(asOf))
            .map(Drop::lsn)
            .max(Lsn::compareTo)
            .orElse(null);
    List<String> found = new ArrayList<>();
    TreeMap<Lsn, Entry> page = pages.getOrDefault(key, new TreeMap<>());
    for (Entry entry : page.headMap(asOf, true).descendingMap().values()) {
      if (dropped != null && !entry.lsn().isAfter(dropped)) {
        break;
      }
      found.add(entry.text());
      if (entry.isBase()) {
        Collections.reverse(found);
        return new Answer("complete", found);
      }
    }
    Collections.reverse(found);
    if (!found.isEmpty()) {
      return new Answer("incomplete", found);
    }
    return new Answer(dropped != null ? "page_dropped" : "before_history", List.of());
  }
}
