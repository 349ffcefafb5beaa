package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.rmgr.PageVersion;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records of all types with the pages that they were written for. */
final class FuzzCases {
  private static final int MOST_OF_A_TYPE = 6;

  /**
   * A record and the page before it.
   *
   * @param base null if the record needs none
   */
  record Case(PageKey key, @Nullable Version base, Version record) {}

  private FuzzCases() {}

  /** Returns some cases of each type of record, version, and part of the record. */
  static List<Case> ofAllVersions() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (PgVersion version : PgVersion.values()) {
      add(cases, version);
    }
    return cases;
  }

  private static void add(List<Case> cases, PgVersion version) throws IOException {
    Map<String, Integer> counts = new HashMap<>();
    ReplayedPages pages = new ReplayedPages();
    for (WalRecord record : SmallLogs.records(version)) {
      WalEffects effects = pages.add(record);
      int part = 0;
      for (PageVersion each : effects.versions()) {
        if (!ReplayedPages.isPage(each.key())) {
          continue;
        }
        Version after = new Version(effects.lsn(), each.value());
        if (each.value().kind() == ValueKind.IMAGE) {
          pages.put(each.key(), effects.lsn(), each.value().bytes());
          continue;
        }
        String type = record.rmgrId() + "/" + record.type() + "/" + part++;
        Version before = each.value().kind().needsOlder() ? pages.newest(each.key()) : null;
        RedoResult result = pages.replay(each.key(), after);
        if (result instanceof RedoResult.Page page) {
          if (counts.merge(type, 1, Integer::sum) <= MOST_OF_A_TYPE) {
            cases.add(new Case(each.key(), before, after));
          }
          pages.put(each.key(), effects.lsn(), page.bytes());
        } else {
          pages.forget(each.key());
        }
      }
    }
  }
}
