package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.redo.ForkSize.Bound;
import io.walstrata.postgres.redo.ForkSize.Known;
import io.walstrata.postgres.redo.ForkSize.None;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ForkSizesTest {
  private static final long SPC = 1663;
  private static final long DB = 5;
  private static final long REL = 16384;
  private static final int MAIN = 0;
  private static final int FSM = 1;
  private static final int VM = 2;
  private static final int INIT = 3;
  private static final long MAP_BLOCKS = 32_672;

  private final MadeHistory history = new MadeHistory(PgVersion.V18);

  private static PageKey key(int fork, long block) {
    return PgKeys.block(SPC, DB, REL, fork, block);
  }

  private Lsn touch(int fork, long block) {
    return history.add(Records.touch(SPC, DB, REL, fork, block));
  }

  private Lsn create(int fork) {
    return history.add(Records.create(SPC, DB, REL, fork));
  }

  private Lsn truncate(long blocks) {
    return history.add(Records.truncate(SPC, DB, REL, blocks));
  }

  private ForkSize size(int fork, Lsn asOf) throws IOException {
    return ForkSizes.of(history, key(fork, 3), asOf);
  }

  private ForkSize size(int fork) throws IOException {
    return size(fork, history.last());
  }

  private static Known exact(long blocks) {
    return new Known(blocks, Bound.EXACT);
  }

  private static void assertNone(ForkSize size, Reason reason) {
    assertThat(size).isInstanceOf(None.class);
    assertThat(((None) size).reason()).isInstanceOf(RedoResult.Refused.class);
    assertThat(((RedoResult.Refused) ((None) size).reason()).reason()).isEqualTo(reason);
  }

  @Test
  void size_growsWithItsLastBlock() throws IOException {
    Lsn created = create(MAIN);
    Lsn first = touch(MAIN, 0);
    Lsn gap = touch(MAIN, 9);
    touch(MAIN, 4);
    assertThat(size(MAIN, created)).isEqualTo(exact(0));
    assertThat(size(MAIN, first)).isEqualTo(exact(1));
    assertThat(size(MAIN, gap)).isEqualTo(exact(10));
    assertThat(size(MAIN)).isEqualTo(exact(10));
  }

  @Test
  void size_ofForksThatWereNeverMadeIsZero() throws IOException {
    create(MAIN);
    assertThat(size(VM)).isEqualTo(exact(0));
    assertThat(size(INIT)).isEqualTo(exact(0));
    assertThat(size(FSM)).isEqualTo(new Known(0, Bound.NOT_LOGGED));
  }

  @Test
  void size_ofEachForkIsItsOwn() throws IOException {
    create(MAIN);
    create(INIT);
    touch(MAIN, 70);
    touch(INIT, 0);
    touch(VM, 1);
    touch(FSM, 2);
    assertThat(size(MAIN)).isEqualTo(exact(71));
    assertThat(size(INIT)).isEqualTo(exact(1));
    assertThat(size(VM)).isEqualTo(exact(2));
    assertThat(size(FSM)).isEqualTo(new Known(3, Bound.NOT_LOGGED));
  }

  @Test
  void size_afterTruncationAndGrowth() throws IOException {
    create(MAIN);
    Lsn large = touch(MAIN, 99);
    Lsn cut = truncate(7);
    touch(MAIN, 20);
    assertThat(size(MAIN, large)).isEqualTo(exact(100));
    assertThat(size(MAIN, cut)).isEqualTo(exact(7));
    assertThat(size(MAIN)).isEqualTo(exact(21));
  }

  @Test
  void size_withoutTheBeginningIsALeastOne() throws IOException {
    touch(MAIN, 20);
    assertThat(size(MAIN)).isEqualTo(new Known(21, Bound.AT_LEAST));
    assertNone(size(VM), Reason.BEFORE_HISTORY);
    truncate(7);
    assertThat(size(MAIN)).isEqualTo(exact(7));
  }

  @Test
  void size_ofABackupIsAnImage() throws IOException {
    history.image(key(MAIN, PgKeys.SIZE_BLOCK), RecordMaker.u32(0xFFFFFFF0L));
    assertThat(size(MAIN)).isEqualTo(exact(0xFFFFFFF0L));
    assertThat(size(VM)).isEqualTo(exact(0));
    touch(MAIN, 0xFFFFFFFEL);
    assertThat(size(MAIN)).isEqualTo(exact(0xFFFFFFFFL));
  }

  @Test
  void size_ofADroppedRelation() throws IOException {
    create(MAIN);
    touch(MAIN, 3);
    history.add(Records.dropRelation(700, SPC, DB, REL));
    assertThat(size(MAIN)).isInstanceOf(None.class);
    assertThat(((None) size(MAIN)).reason()).isInstanceOf(RedoResult.Absent.class);
    create(MAIN);
    assertThat(size(MAIN)).isEqualTo(exact(0));
  }

  @Test
  void map_afterATruncationHasAtMostWhatIsLeft() throws IOException {
    truncate(3 * MAP_BLOCKS + 1);
    assertThat(size(VM)).isEqualTo(new Known(4, Bound.AT_MOST));
    touch(VM, 1);
    assertThat(size(VM)).isEqualTo(new Known(4, Bound.AT_MOST));
    touch(VM, 3);
    assertThat(size(VM)).isEqualTo(exact(4));
    touch(VM, 5);
    assertThat(size(VM)).isEqualTo(exact(6));
  }

  @Test
  void map_whoseBeginningIsKnownIsKnownAfterTruncations() throws IOException {
    create(MAIN);
    touch(VM, 1);
    truncate(5 * MAP_BLOCKS + 1);
    truncate(3 * MAP_BLOCKS + 1);
    assertThat(size(VM)).isEqualTo(exact(2));
    truncate(1);
    assertThat(size(VM)).isEqualTo(exact(1));
    truncate(0);
    assertThat(size(VM)).isEqualTo(exact(0));
  }

  @Test
  void map_withManyTruncationsAloneIsABound() throws IOException {
    create(MAIN);
    for (int i = 1; i <= 10; i++) {
      truncate(i * MAP_BLOCKS + 1);
    }
    assertThat(size(VM)).isEqualTo(new Known(7, Bound.AT_MOST));
  }

  @Test
  void map_isNotMadeByATruncation() throws IOException {
    create(MAIN);
    truncate(1);
    assertThat(size(VM)).isEqualTo(exact(0));
    assertThat(history.page(key(VM, 0))).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void copy_isAsLargeAsItsSource() throws IOException {
    create(MAIN);
    touch(MAIN, 5);
    touch(VM, 0);
    history.add(Records.copyDatabase(SPC, 9, SPC, DB));
    touch(MAIN, 50);
    PageKey copied = PgKeys.block(SPC, 9, REL, MAIN, 0);
    assertThat(ForkSizes.of(history, copied, history.last())).isEqualTo(exact(6));
    PageKey map = PgKeys.block(SPC, 9, REL, VM, 0);
    assertThat(ForkSizes.of(history, map, history.last())).isEqualTo(exact(1));
    history.add(Records.touch(SPC, 9, REL, MAIN, 7));
    assertThat(ForkSizes.of(history, copied, history.last())).isEqualTo(exact(8));
    history.add(Records.dropDatabase(SPC, 9));
    assertThat(ForkSizes.of(history, copied, history.last())).isInstanceOf(None.class);
  }

  @Test
  void copy_ofItselfEnds() throws IOException {
    history.add(Records.copyDatabase(SPC, DB, SPC, DB));
    assertNone(size(MAIN), Reason.DAMAGED_RECORD);
  }

  @Test
  void damagedSizeIsRefused() throws IOException {
    PageKey size = key(MAIN, PgKeys.SIZE_BLOCK);
    history.image(size, new byte[3]);
    assertNone(size(MAIN), Reason.DAMAGED_RECORD);
    history.addTo(size, Records.create(SPC, DB, REL + 1, MAIN), true);
    assertNone(size(MAIN), Reason.UNSUPPORTED_RECORD);
    history.addTo(size, Records.end(Records.COMMIT, 700), true);
    assertNone(size(MAIN), Reason.UNSUPPORTED_RECORD);
    byte[] cut = RecordMaker.bytes(RecordMaker.u32(1), RecordMaker.u32(SPC), RecordMaker.u32(DB));
    history.addTo(size, RecordMaker.record(RecordMaker.RMGR_STORAGE, 0x20).main(cut), true);
    assertNone(size(MAIN), Reason.DAMAGED_RECORD);
  }

  @Test
  void pageOfTheSizesKeyIsTheSize() throws IOException {
    assertThat(read(MAIN)).isInstanceOf(None.class);
    create(MAIN);
    touch(MAIN, 0xFFFFFFFEL);
    touch(FSM, 1);
    assertThat(read(MAIN)).isEqualTo(exact(0xFFFFFFFFL));
    assertThat(read(VM)).isEqualTo(exact(0));
    assertThat(read(FSM)).isEqualTo(new Known(2, Bound.NOT_LOGGED));
    RedoResult page = new RedoResult.Page(new byte[8192], 0, List.of());
    assertThatThrownBy(() -> ForkSize.of(page)).isInstanceOf(IllegalArgumentException.class);
  }

  private ForkSize read(int fork) throws IOException {
    return ForkSize.of(history.page(key(fork, PgKeys.SIZE_BLOCK)));
  }

  @Test
  void keyOfNoRelationIsRefused() {
    assertThatThrownBy(() -> ForkSizes.of(history, PgKeys.CHECKPOINT, history.last()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ForkSizes.of(history, PgKeys.relationMap(SPC, DB), history.last()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void size_isFoundWithFewReads() throws IOException {
    Random random = new Random(7);
    create(MAIN);
    long last = 0;
    for (int i = 0; i < 40; i++) {
      long block = random.nextLong(1L << 1 + random.nextInt(31));
      last = Math.max(last, block);
      touch(MAIN, block);
      int before = history.reads();
      assertThat(size(MAIN)).isEqualTo(exact(last + 1));
      assertThat(history.reads() - before).isLessThan(70);
    }
  }

  @Test
  void size_afterManyTruncationsIsFoundWithBoundedReads() throws IOException {
    for (int i = 0; i < 200; i++) {
      truncate((i + 2) * MAP_BLOCKS + 1);
    }
    ForkSize size = size(VM);
    assertThat(size).isEqualTo(new Known(198, Bound.AT_MOST));
    assertThat(history.reads()).as("keys that one read may ask for").isLessThan(10_000);
  }
}
