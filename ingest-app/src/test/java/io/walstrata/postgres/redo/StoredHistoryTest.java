package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Seeds;
import io.walstrata.postgres.wal.Slru;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories in a store, frozen anywhere and read in any order, so also from cached pages,
 * give the pages and sizes that the plain list of all versions gives.
 */
class StoredHistoryTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 1);
  private static final PgVersion VERSION = PgVersion.V18;
  private static final int RECORDS = 150;
  private static final int READS = 1_500;
  private static final long MAP_BLOCKS = 32_672;

  @TempDir Path directory;
  private final Random random = Seeds.random();
  private final MadeHistory expected = new MadeHistory(VERSION);
  private final List<Lsn> lsns = new ArrayList<>();
  private long offset;

  @RepeatedTest(3)
  void pages_areThoseOfAllVersions() throws Exception {
    try (LayerStore store =
        LayerStore.open(
            LayerHomes.partition(directory.resolve("home")),
            directory.resolve("ephemeral"),
            LayerStoreOptions.DEFAULTS.withRedo(new PostgresRedo()))) {
      LayerWriter writer = store.claim();
      put(writer, RecordMaker.record(Rmgr.XLOG.id(), 0xE0).main(RecordMaker.u32(1)));
      for (int i = 0; i < RECORDS; i++) {
        put(writer, next());
        if (random.nextInt(12) == 0) {
          writer.freeze(offset - 1);
          check(store, READS / 20);
        }
      }
      check(store, READS);
    }
  }

  private void put(LayerWriter writer, RecordMaker record) throws IOException {
    WalEffects effects = expected.map(record);
    writer.progress(offset++, TIMELINE, effects.lsn());
    for (var version : effects.versions()) {
      writer.put(offset++, TIMELINE, version.key(), effects.lsn(), version.value());
    }
    for (var keys : effects.tombstones()) {
      writer.tombstone(offset++, TIMELINE, keys, effects.lsn());
    }
    lsns.add(effects.lsn());
  }

  private RecordMaker next() {
    long db = 5 + random.nextInt(3);
    long rel = 1 + random.nextInt(2);
    long xid = 810 + random.nextInt(30);
    return switch (random.nextInt(14)) {
      case 0, 1 -> Records.create(1663, db, rel, random.nextInt(8) == 0 ? 3 : 0);
      case 2 -> Records.truncate(1663, db, rel, random.nextInt(8));
      case 3 -> Records.truncate(1663, db, rel, random.nextInt(4) * MAP_BLOCKS + 1);
      case 4 -> Records.dropRelation(xid, 1663, db, rel);
      case 5 -> Records.copyDatabase(1663, 7, 1663, 5 + random.nextInt(2));
      case 6 -> Records.dropDatabase(1663, db);
      case 7 -> Records.zeroClog(VERSION, 0);
      case 8 -> Records.zeroPage(VERSION, Rmgr.COMMIT_TS, 0x00, random.nextInt(2));
      case 9, 10 -> Records.end(random.nextBoolean() ? Records.COMMIT : Records.ABORT, xid);
      case 11 -> Records.multiXact(1 + random.nextInt(3), 1 + random.nextInt(9), 700, 1, 701, 2);
      default ->
          Records.image(
              1663, db, rel, random.nextInt(4), random.nextInt(10), page(random.nextInt(99)));
    };
  }

  private static byte[] page(int fill) {
    byte[] page = new byte[8192];
    Arrays.fill(page, (byte) fill);
    return page;
  }

  private void check(LayerStore store, int reads) throws IOException {
    for (int i = 0; i < reads; i++) {
      PageKey key = key();
      Lsn asOf = lsns.get(random.nextInt(lsns.size()));
      RedoResult found = store.page(TIMELINE, key, asOf, ReadLimit.NONE).result();
      String what = key.describe() + " as of " + asOf;
      assertThat(text(found)).as(what).isEqualTo(text(expected.page(key, asOf)));
    }
  }

  private static String text(RedoResult result) {
    return result instanceof RedoResult.Page page
        ? Arrays.toString(page.bytes()) + page.assumptions()
        : result.toString();
  }

  private PageKey key() {
    return switch (random.nextInt(8)) {
      case 0 -> PgKeys.slru(Slru.CLOG, 0);
      case 1 -> PgKeys.slru(Slru.COMMIT_TS, random.nextInt(2));
      case 2 -> PgKeys.slru(Slru.MULTIXACT_OFFSETS, 0);
      case 3 -> PgKeys.relationMap(1663, 5 + random.nextInt(3));
      case 4 -> PgKeys.size(1663, 5 + random.nextInt(3), 1 + random.nextInt(2), random.nextInt(4));
      default ->
          PgKeys.block(
              1663,
              5 + random.nextInt(3),
              1 + random.nextInt(2),
              random.nextInt(4),
              random.nextInt(10));
    };
  }
}
