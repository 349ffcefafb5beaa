package io.walstrata.postgres.redo;

import static io.walstrata.postgres.redo.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.VisibilityMap;
import io.walstrata.postgres.wal.ControlFiles;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Seeds;
import io.walstrata.postgres.wal.Slru;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Records of what is no access method with any contents, on any key, marked as anything: a result,
 * never an exception.
 */
class DamagedVersionsTest {
  private static final int RUNS = 4_000;
  private static final List<Rmgr> MANAGERS =
      List.of(
          Rmgr.TRANSACTION,
          Rmgr.STORAGE,
          Rmgr.CLOG,
          Rmgr.DATABASE,
          Rmgr.MULTIXACT,
          Rmgr.RELMAP,
          Rmgr.COMMIT_TS,
          Rmgr.XLOG);

  private final Random random = Seeds.random();

  @Test
  void redo_alwaysHasAResult() throws IOException {
    for (int run = 0; run < RUNS; run++) {
      PgVersion version = PgVersion.values()[random.nextInt(4)];
      MadeHistory history = new MadeHistory(version);
      int records = 1 + random.nextInt(5);
      for (int i = 0; i < records; i++) {
        add(history, version);
      }
      for (PageKey key : keys()) {
        check(run, history, key);
      }
    }
  }

  private void check(int run, MadeHistory history, PageKey key) throws IOException {
    String what = "run=" + run + ", key=" + key.describe();
    try {
      RedoResult result = history.page(key);
      if (result instanceof RedoResult.Page page && PageKind.of(key).hasPageLength()) {
        assertThat(page.bytes()).as(what).hasSize(8192);
      }
      if (key.kind() == 0 && key.rel() != 0) {
        assertThat(ForkSizes.of(history, key, history.last())).as(what).isNotNull();
      }
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  private static List<PageKey> keys() {
    return List.of(
        PgKeys.slru(Slru.CLOG, 0),
        PgKeys.slru(Slru.CLOG, 1),
        PgKeys.slru(Slru.MULTIXACT_MEMBERS, 0),
        PgKeys.slru(Slru.MULTIXACT_OFFSETS, 0),
        PgKeys.slru(Slru.MULTIXACT_OFFSETS, 1),
        PgKeys.slru(Slru.COMMIT_TS, 0),
        PgKeys.relationMap(1663, 5),
        PgKeys.relationMap(1663, 9),
        PgKeys.relationDirectory(1663, 5),
        PgKeys.relationDirectory(1663, 9),
        PgKeys.twoPhase(2),
        PgKeys.CONTROL_FILE,
        PgKeys.CHECKPOINT,
        PgKeys.size(1663, 5, 1, 0),
        PgKeys.size(1663, 5, 1, 2),
        PgKeys.block(1663, 5, 1, 0, 0),
        PgKeys.block(1663, 5, 1, 1, 0),
        PgKeys.block(1663, 5, 1, 2, 0),
        PgKeys.block(1663, 9, 1, 0, 3),
        PgKeys.block(1663, 9, 1, 2, 1));
  }

  private void add(MadeHistory history, PgVersion version) {
    PageKey key = keys().get(random.nextInt(keys().size()));
    switch (random.nextInt(8)) {
      case 0 -> history.image(key, random.nextBoolean() ? new byte[8192] : noise(600));
      case 1 ->
          history.image(
              PgKeys.CONTROL_FILE, ControlFiles.make(version, false, random.nextBoolean(), false));
      default -> {
        Rmgr rmgr = MANAGERS.get(random.nextInt(MANAGERS.size()));
        RecordMaker record =
            RecordMaker.record(rmgr.id(), random.nextInt(16) << 4).xid(number()).main(main());
        history.addTo(key, record, random.nextBoolean());
      }
    }
  }

  private byte[] noise(int max) {
    byte[] noise = new byte[random.nextInt(max)];
    random.nextBytes(noise);
    return noise;
  }

  /** Main data of numbers that occur in records, so that some pass the first checks. */
  private byte[] main() {
    byte[] main = random.nextInt(4) == 0 ? noise(40) : new byte[0];
    int numbers = random.nextInt(20);
    for (int i = 0; i < numbers; i++) {
      main = RecordMaker.bytes(main, RecordMaker.u32(number()));
    }
    return main;
  }

  private long number() {
    long[] numbers = {0, 1, 2, 3, 5, 7, 9, 512, 524, 1663, 0x57F94534L, 32_768, 0x7FFFFFFFL};
    return random.nextInt(8) == 0
        ? random.nextInt() & 0xFFFFFFFFL
        : numbers[random.nextInt(numbers.length)];
  }

  @Test
  void truncation_ofAnotherRelationIsRefused() throws IOException {
    PageKey map = PgKeys.block(1663, 5, 1, PgKeys.VM_FORK, 0);
    byte[] page = new byte[8192];
    VisibilityMap.set(new Page(page), 3, VisibilityMap.VALID_BITS);
    MadeHistory history = new MadeHistory(PgVersion.V18);
    history.image(map, page);
    Lsn lsn = history.addTo(map, Records.truncate(1663, 5, 2, 1), false);
    assertRefused(history.page(map), lsn, Reason.UNSUPPORTED_RECORD);
  }

  @Test
  void record_thatIsMarkedToBuildButDoesNotIsRefused() throws IOException {
    // VACUUM_LEAF without tuples, a change of a few bytes, and bits of a map.
    RecordMaker vacuum =
        RecordMaker.record(Rmgr.SPGIST.id(), 0x60)
            .block(0, 1663, 5, 1, 0, 0, 0x40, new byte[0])
            .main(new byte[16]);
    assertNotBuilt(vacuum, PgKeys.block(1663, 5, 1, 0, 0), Reason.DOES_NOT_FIT);
    byte[] stretch =
        RecordMaker.bytes(RecordMaker.u16(12), RecordMaker.u16(4), new byte[] {24, 0, 0, 32});
    RecordMaker generic =
        RecordMaker.record(Rmgr.GENERIC.id(), 0).block(0, 1663, 5, 1, 0, 0, 0x40, stretch);
    assertNotBuilt(generic, PgKeys.block(1663, 5, 1, 0, 0), Reason.UNSUPPORTED_RECORD);
    RecordMaker visible =
        RecordMaker.record(Rmgr.HEAP2.id(), 0x40)
            .block(0, 1663, 5, 1, PgKeys.VM_FORK, 0, 0x40, new byte[0])
            .block(1, 1663, 5, 1, 0, 3, 0, new byte[0])
            .main(RecordMaker.bytes(RecordMaker.u32(0), new byte[] {3}));
    assertNotBuilt(visible, PgKeys.block(1663, 5, 1, PgKeys.VM_FORK, 0), Reason.DOES_NOT_FIT);
  }

  private static void assertNotBuilt(RecordMaker record, PageKey key, Reason reason)
      throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    Lsn lsn = history.addTo(key, record, true);
    assertRefused(history.page(key), lsn, reason);
  }

  @Test
  void redo_ofFlippedBitsAlwaysHasAResult() throws IOException {
    PageKey clog = PgKeys.slru(Slru.CLOG, 0);
    for (PgVersion version : PgVersion.values()) {
      byte[] record =
          Records.endPrepared(version, Records.COMMIT_PREPARED, 700, 701, 702).bytes(Lsn.of(1));
      for (int bit = 0; bit < 8 * (record.length - 24); bit++) {
        MadeHistory history = new MadeHistory(version);
        history.add(Records.zeroClog(version, 0));
        history.addRaw(clog, flipped(record, 24 + bit / 8, bit % 8));
        check(bit, history, clog);
      }
    }
  }

  private static byte[] flipped(byte[] record, int at, int bit) {
    byte[] flipped = record.clone();
    flipped[at] ^= (byte) (1 << bit);
    RecordMaker.fixCrc(flipped);
    return flipped;
  }
}
