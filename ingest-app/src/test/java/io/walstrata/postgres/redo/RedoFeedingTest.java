package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.rmgr.PageVersion;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Seeds;
import io.walstrata.postgres.wal.WalReader;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever the pieces in which a log arrives, whenever layers are frozen, and in whatever order
 * pages are read: a store returns the pages that one replay of all the page's versions makes.
 */
class RedoFeedingTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 1);
  private static final int READS = 600;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void pages_doNotDependOnHowTheLogWasFed(PgVersion version) throws Exception {
    Random random = Seeds.random();
    LogHistory history = new LogHistory(new PostgresRedo());
    List<WalEffects> log = new ArrayList<>();
    for (WalRecord record : read(version, random)) {
      log.add(history.add(record));
    }
    List<PageKey> keys = List.copyOf(history.all().keySet());
    int made = 0;
    try (StoreResources resources = resources(random);
        LayerStore store = open(resources);
        LayerWriter writer = store.claim()) {
      long offset = 0;
      for (int i = 0; i < log.size(); i++) {
        offset += random.nextInt(3) == 0 ? 1 : 0;
        put(writer, offset, log.get(i));
        if (random.nextInt(200) == 0) {
          writer.freeze(offset);
          offset++;
        }
        if (random.nextInt(log.size()) < READS / 2) {
          made += compare(store, history, keys, log.get(i).lsn(), random);
        }
      }
      writer.awaitFlushed();
      for (int i = 0; i < READS / 2; i++) {
        Lsn asOf = log.get(random.nextInt(log.size())).lsn();
        made += compare(store, history, keys, asOf, random);
      }
    }
    assertThat(made).isGreaterThan(READS / 4);
  }

  /** Reads the log's records from pieces of random lengths. */
  private static List<WalRecord> read(PgVersion version, Random random) throws IOException {
    byte[] wal = SmallLogs.bytes(version);
    Lsn start = SmallLogs.start(version);
    WalReader reader = new WalReader(start);
    List<WalRecord> records = new ArrayList<>();
    int most = 1 + random.nextInt(200_000);
    for (int at = 0; at < wal.length; ) {
      int length = Math.min(wal.length - at, 1 + random.nextInt(most));
      reader.feed(Lsn.of(start.value() + at), wal, at, length);
      at += length;
      for (WalRecord record = reader.next(); record != null; record = reader.next()) {
        records.add(record);
      }
      if (!reader.end().kind().isOpen()) {
        break;
      }
    }
    assertThat(records).hasSameSizeAs(SmallLogs.records(version));
    return records;
  }

  private static StoreResources resources(Random random) {
    StoreResources.Bounds bounds = StoreResources.Bounds.DEFAULTS;
    return StoreResources.create(
        switch (random.nextInt(3)) {
          case 0 -> bounds.withPageCacheBytes(0);
          case 1 -> bounds.withPageCacheBytes(20 * 10_000);
          default -> bounds;
        });
  }

  private LayerStore open(StoreResources resources) throws IOException {
    return LayerStore.open(
        LayerHomes.partition(directory.resolve("home")),
        directory.resolve("ephemeral"),
        LayerStoreOptions.DEFAULTS.withRedo(new PostgresRedo()),
        resources);
  }

  private static void put(LayerWriter writer, long offset, WalEffects effects) throws IOException {
    for (KeyRange range : effects.tombstones()) {
      writer.tombstone(offset, TIMELINE, range, effects.lsn());
    }
    for (PageVersion each : effects.versions()) {
      writer.put(offset, TIMELINE, each.key(), effects.lsn(), each.value());
    }
    writer.progress(offset, TIMELINE, effects.lsn());
  }

  /** Compares a page; returns 1 if there is one, 0 if both have none. */
  private static int compare(
      LayerStore store, LogHistory history, List<PageKey> keys, Lsn asOf, Random random)
      throws IOException {
    PageKey key = keys.get(random.nextInt(keys.size()));
    PageRead read = store.page(TIMELINE, key, asOf, ReadLimit.NONE);
    RedoResult expected = history.page(key, asOf);
    String what = "key=" + key.describe() + ", asOf=" + asOf + ", read=" + read;
    if (expected instanceof RedoResult.Page page) {
      assertThat(read.result()).as(what).isInstanceOf(RedoResult.Page.class);
      String difference =
          PageDifference.of(((RedoResult.Page) read.result()).bytes(), page.bytes());
      assertThat(difference).as(what).isNull();
      return 1;
    }
    assertThat(read.result()).as(what).hasSameClassAs(expected);
    if (expected instanceof RedoResult.Refused refused) {
      RedoResult.Refused found = (RedoResult.Refused) read.result();
      assertThat(found.reason()).as(what).isEqualTo(refused.reason());
      assertThat(found.lsn()).as(what).isEqualTo(refused.lsn());
    }
    return 0;
  }
}
