package io.walstrata.postgres.redo;

import static io.walstrata.postgres.redo.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Pages without a version of their own, and first versions that need an older page. */
class BeginningsTest {
  private static final long SPC = 1663;
  private static final long DB = 5;
  private static final long COPY = 9;
  private static final long REL = 16384;
  private static final int MAIN = 0;
  private static final int FSM = 1;
  private static final int VM = 2;

  private final MadeHistory history = new MadeHistory(PgVersion.V18);

  private static PageKey key(int fork, long block) {
    return PgKeys.block(SPC, DB, REL, fork, block);
  }

  private static PageKey copied(int fork, long block) {
    return PgKeys.block(SPC, COPY, REL, fork, block);
  }

  private static byte[] filled(int fill) {
    byte[] page = new byte[Page.BYTES];
    Arrays.fill(page, (byte) fill);
    return page;
  }

  private Lsn create() {
    return history.add(Records.create(SPC, DB, REL, MAIN));
  }

  @Test
  void page_insideTheFileIsZeros() throws IOException {
    create();
    history.image(key(MAIN, 5), filled(1));
    assertThat(history.bytes(key(MAIN, 3))).isEqualTo(new byte[Page.BYTES]);
    assertThat(history.page(key(MAIN, 6))).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void page_ofARelationFromBeforeHistoryIsNotKnown() throws IOException {
    history.image(key(MAIN, 5), filled(1));
    assertRefused(history.page(key(MAIN, 3)), Lsn.INVALID, Reason.BEFORE_HISTORY);
    assertRefused(history.page(key(MAIN, 6)), Lsn.INVALID, Reason.BEFORE_HISTORY);
  }

  @Test
  void page_ofATruncatedRelationFromBeforeHistory() throws IOException {
    history.add(Records.truncate(SPC, DB, REL, 4));
    assertRefused(history.page(key(MAIN, 3)), Lsn.INVALID, Reason.BEFORE_HISTORY);
    assertThat(history.page(key(MAIN, 4))).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void page_thatWasTruncatedAwayComesBackEmpty() throws IOException {
    history.image(key(MAIN, 5), filled(1));
    history.add(Records.truncate(SPC, DB, REL, 4));
    assertThat(history.page(key(MAIN, 5))).isInstanceOf(RedoResult.Absent.class);
    history.image(key(MAIN, 8), filled(2));
    assertThat(history.bytes(key(MAIN, 5))).isEqualTo(new byte[Page.BYTES]);
    assertThat(history.page(key(MAIN, 9))).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void page_ofABackupsRelation() throws IOException {
    history.image(key(MAIN, PgKeys.SIZE_BLOCK), RecordMaker.u32(3));
    assertThat(history.bytes(key(MAIN, 2))).isEqualTo(new byte[Page.BYTES]);
    assertThat(history.page(key(MAIN, 3))).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void page_ofADroppedRelationIsAbsent() throws IOException {
    create();
    history.image(key(MAIN, 5), filled(1));
    history.image(key(FSM, 0), filled(1));
    history.add(Records.dropRelation(700, SPC, DB, REL));
    assertThat(history.page(key(MAIN, 5))).isInstanceOf(RedoResult.Absent.class);
    assertThat(history.page(key(MAIN, 2))).isInstanceOf(RedoResult.Absent.class);
    assertThat(history.page(key(FSM, 0))).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void page_thatADropHidesWithoutASizeIsAbsent() throws IOException {
    history.image(key(MAIN, 5), filled(1));
    history.add(Records.dropDatabase(SPC, DB));
    assertThat(history.page(key(MAIN, 5))).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void firstRecord_onAPageFromBeforeHistoryIsRefused() throws IOException {
    Lsn lsn = history.add(Records.touch(SPC, DB, REL, MAIN, 2));
    assertRefused(history.page(key(MAIN, 2)), lsn, Reason.MISSING_BASE);
    lsn = history.add(Records.touch(SPC, DB, REL, VM, 0));
    assertRefused(history.page(key(VM, 0)), lsn, Reason.MISSING_BASE);
  }

  @Test
  void firstRecord_ofAMapWhoseHeapIsNewFindsZeros() throws IOException {
    create();
    history.add(Records.touch(SPC, DB, REL, VM, 0));
    assertThat(history.bytes(key(VM, 0))).isEqualTo(new byte[Page.BYTES]);
  }

  @Test
  void firstRecord_ofAMapAfterTruncationsFindsZeros() throws IOException {
    create();
    history.add(Records.truncate(SPC, DB, REL, 9));
    history.add(Records.truncate(SPC, DB, REL, 5));
    history.add(Records.touch(SPC, DB, REL, VM, 0));
    assertThat(history.bytes(key(VM, 0))).isEqualTo(new byte[Page.BYTES]);
  }

  @Test
  void firstRecord_ofAMapPageThatWasTruncatedAwayFindsZeros() throws IOException {
    history.image(key(VM, 1), filled(1));
    history.add(Records.truncate(SPC, DB, REL, 5));
    history.add(Records.touch(SPC, DB, REL, VM, 1));
    assertThat(history.bytes(key(VM, 1))).isEqualTo(new byte[Page.BYTES]);
  }

  @Test
  void truncate_clearsTheBitsOfBlocksThatGo() throws IOException {
    history.image(key(VM, 0), filled(0xFF));
    history.add(Records.truncate(SPC, DB, REL, 4 * 10 + 3));
    byte[] expected = filled(0xFF);
    expected[24 + 10] = 0b0011_1111;
    Arrays.fill(expected, 24 + 11, Page.BYTES, (byte) 0);
    assertThat(history.bytes(key(VM, 0))).isEqualTo(expected);
  }

  @Test
  void map_ofFreeSpaceIsServedFromImagesAlone() throws IOException {
    create();
    assertRefused(history.page(key(FSM, 0)), Lsn.INVALID, Reason.NOT_LOGGED);
    history.image(key(FSM, 0), filled(3));
    assertThat(history.bytes(key(FSM, 0))).isEqualTo(filled(3));
    Lsn lsn = history.add(Records.touch(SPC, DB, REL, FSM, 0));
    assertRefused(history.page(key(FSM, 0)), lsn, Reason.NOT_LOGGED);
  }

  @Test
  void copy_readsThroughToItsSourceAsOfTheCopy() throws IOException {
    create();
    history.image(key(MAIN, 0), filled(1));
    history.image(key(MAIN, 4), filled(4));
    history.image(PgKeys.relationMap(SPC, DB), filled(7));
    history.add(Records.copyDatabase(SPC, COPY, SPC, DB));
    history.image(key(MAIN, 0), filled(2));
    history.image(PgKeys.relationMap(SPC, DB), filled(8));
    assertThat(history.bytes(copied(MAIN, 0))).isEqualTo(filled(1));
    assertThat(history.bytes(copied(MAIN, 2))).isEqualTo(filled(0));
    assertThat(history.page(copied(MAIN, 5))).isInstanceOf(RedoResult.Absent.class);
    assertThat(history.bytes(PgKeys.relationMap(SPC, COPY))).isEqualTo(filled(7));
    history.image(copied(MAIN, 0), filled(9));
    assertThat(history.bytes(copied(MAIN, 0))).isEqualTo(filled(9));
    assertThat(history.bytes(key(MAIN, 0))).isEqualTo(filled(2));
  }

  @Test
  void copy_growsAndIsTruncatedOnItsOwn() throws IOException {
    create();
    history.image(key(MAIN, 4), filled(4));
    history.add(Records.copyDatabase(SPC, COPY, SPC, DB));
    history.image(copied(MAIN, 7), filled(7));
    assertThat(history.bytes(copied(MAIN, 6))).isEqualTo(filled(0));
    history.add(Records.truncate(SPC, COPY, REL, 3));
    assertThat(history.page(copied(MAIN, 4))).isInstanceOf(RedoResult.Absent.class);
    history.image(copied(MAIN, 8), filled(8));
    assertThat(history.bytes(copied(MAIN, 4))).isEqualTo(filled(0));
    assertThat(history.bytes(key(MAIN, 4))).isEqualTo(filled(4));
  }

  @Test
  void copy_firstRecordChangesThePageOfTheSource() throws IOException {
    create();
    history.image(key(VM, 0), filled(0xFF));
    history.add(Records.copyDatabase(SPC, COPY, SPC, DB));
    history.add(Records.truncate(SPC, COPY, REL, 4));
    byte[] expected = filled(0xFF);
    Arrays.fill(expected, 25, Page.BYTES, (byte) 0);
    assertThat(history.bytes(copied(VM, 0)))
        .as("a page that has only a truncation is the source's, truncated")
        .isEqualTo(expected);
  }

  @Test
  void copy_ofACopy() throws IOException {
    create();
    history.image(key(MAIN, 0), filled(1));
    history.add(Records.copyDatabase(SPC, COPY, SPC, DB));
    history.add(Records.copyDatabase(SPC, COPY + 1, SPC, COPY));
    assertThat(history.bytes(PgKeys.block(SPC, COPY + 1, REL, MAIN, 0))).isEqualTo(filled(1));
  }

  @Test
  void copy_thatWasDroppedIsAbsent() throws IOException {
    create();
    history.image(key(MAIN, 0), filled(1));
    history.add(Records.copyDatabase(SPC, COPY, SPC, DB));
    history.add(Records.dropDatabase(SPC, COPY));
    assertThat(history.page(copied(MAIN, 0))).isInstanceOf(RedoResult.Absent.class);
    history.add(Records.copyDatabase(SPC, COPY, SPC, DB));
    assertThat(history.bytes(copied(MAIN, 0))).isEqualTo(filled(1));
  }

  @Test
  void copy_ofAPageFromBeforeHistoryIsRefusedWithTheSourcesKey() throws IOException {
    history.add(Records.copyDatabase(SPC, COPY, SPC, DB));
    RedoResult result = history.page(copied(MAIN, 0));
    assertRefused(result, Lsn.INVALID, Reason.BEFORE_HISTORY);
    assertThat(((RedoResult.Refused) result).key().db()).isEqualTo(DB);
  }

  @Test
  void copy_ofItselfIsRefused() throws IOException {
    history.add(Records.copyDatabase(SPC, DB, SPC, DB));
    assertThat(history.page(key(MAIN, 0))).isInstanceOf(RedoResult.Refused.class);
    assertThat(history.page(PgKeys.relationMap(SPC, DB))).isInstanceOf(RedoResult.Refused.class);
  }

  @Test
  void copy_fromATablespaceThatNoKeyHoldsIsRefused() throws IOException {
    Lsn lsn = history.add(Records.copyDatabase(SPC, COPY, 70_000, DB));
    assertRefused(history.page(copied(MAIN, 0)), lsn, Reason.DAMAGED_RECORD);
  }

  @Test
  void keyOfNoPageIsRefused() throws IOException {
    assertRefused(history.page(PgKeys.relationDirectory(SPC, DB)), Lsn.INVALID, Reason.NOT_A_PAGE);
    assertRefused(history.page(PgKeys.CONTROL_FILE), Lsn.INVALID, Reason.NOT_A_PAGE);
  }
}
