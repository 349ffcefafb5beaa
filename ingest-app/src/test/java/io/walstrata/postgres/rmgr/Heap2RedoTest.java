package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.HeapRecords.NONE;
import static io.walstrata.postgres.rmgr.HeapRecords.WILL_INIT;
import static io.walstrata.postgres.rmgr.HeapRecords.XID;
import static io.walstrata.postgres.rmgr.HeapRecords.add;
import static io.walstrata.postgres.rmgr.HeapRecords.data;
import static io.walstrata.postgres.rmgr.HeapRecords.emptyPage;
import static io.walstrata.postgres.rmgr.HeapRecords.heap2;
import static io.walstrata.postgres.rmgr.HeapRecords.key;
import static io.walstrata.postgres.rmgr.HeapRecords.offsets;
import static io.walstrata.postgres.rmgr.HeapRecords.redo;
import static io.walstrata.postgres.rmgr.HeapRecords.text;
import static io.walstrata.postgres.rmgr.HeapRecords.xmax;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.HeapTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.rmgr.RecordRedo.LsnStamp;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.WalException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class Heap2RedoTest {
  private static final int BLOCK = 3;

  private final Page page = emptyPage();

  private void tuples(int count) {
    for (int i = 0; i < count; i++) {
      add(page, 0x0900, "row " + (page.maxOffset() + 1));
    }
  }

  private void prune(RecordMaker record, PgVersion version) {
    assertThat(redo(record, version, key(0, BLOCK), page)).isEqualTo(LsnStamp.SET);
  }

  private static RecordMaker record(int type, byte[] data, byte[] main) {
    return heap2(type).block(0, 0, BLOCK, 0, data).main(main);
  }

  /** From 17 on. */
  private static RecordMaker prune17(int flags, byte[]... data) {
    return record(0x10, bytes(data), new byte[] {0, (byte) flags});
  }

  private static byte[] plan(long xmax, int infomask, int flags, int tuples) {
    return bytes(u32(xmax), u16(0x8002), u16(infomask), new byte[] {(byte) flags, 0}, u16(tuples));
  }

  private static void assertPruned(Page page) {
    assertThat(page.itemId(1)).isEqualTo(Page.packItemId(4, Page.LP_REDIRECT, 0));
    assertThat(page.itemId(2)).isEqualTo(Page.packItemId(0, Page.LP_DEAD, 0));
    assertThat(page.itemId(3)).isZero();
    assertThat(page.maxOffset()).isEqualTo(4);
    assertThat(data(page, 4)).isEqualTo("row 4");
    assertThat(page.itemOffset(4)).isEqualTo(Page.BYTES - 32);
    assertThat(page.hasFlag(Page.HAS_FREE_LINES)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"V15", "V16"})
  void prune_before17_redirectsMarksFreesAndCompacts(PgVersion version) {
    tuples(5);

    prune(
        record(0x10, offsets(1, 4, 2, 3, 5), bytes(u32(700), u16(1), u16(1), new byte[1])),
        version);

    assertPruned(page);
  }

  @ParameterizedTest
  @EnumSource(names = {"V17", "V18"})
  void prune_from17_redirectsMarksFreesAndCompacts(PgVersion version) {
    tuples(5);

    prune(prune17(0xE4, offsets(1, 1, 4), offsets(1, 2), offsets(2, 3, 5)), version);

    assertPruned(page);
  }

  @Test
  void prune_withPlansToo_freezesAfterCompaction() {
    tuples(3);

    prune(
        prune17(
            0x94,
            bytes(u16(2), u16(0), plan(0, 0x0B00, 0, 1), plan(9, 0x0300, 0x04, 1)),
            offsets(1, 2),
            offsets(3, 1)),
        PgVersion.V18);

    int third = page.itemOffset(3);
    assertThat(HeapTuple.infomask(page, third)).isEqualTo(0x0B00);
    assertThat(HeapTuple.infomask2(page, third)).isEqualTo(0x8002);
    assertThat(HeapTuple.cid(page, third)).isEqualTo(7);
    int first = page.itemOffset(1);
    assertThat(HeapTuple.xmax(page, first)).isEqualTo(9);
    assertThat(HeapTuple.cid(page, first)).isZero();
    assertThat(page.upper()).isEqualTo(Page.BYTES - 64);
  }

  @Test
  void prune_withoutCleanupLock_movesNoTuple() {
    tuples(3);
    int upper = page.upper();
    page.setItemId(3, 0, Page.LP_DEAD, 0);

    prune(prune17(0x80, offsets(1, 3)), PgVersion.V18);

    assertThat(page.maxOffset()).isEqualTo(2);
    assertThat(page.upper()).isEqualTo(upper);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x20, 0x40, 0x05})
  void prune_withImpossibleFlags_isRefused(int flags) {
    tuples(3);

    assertThatThrownBy(() -> prune(prune17(flags, offsets(1, 1, 2)), PgVersion.V18))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("flags=" + flags);
  }

  @Test
  void prune_thatDoesNotFillItsData_isRefused() {
    tuples(3);

    assertThatThrownBy(() -> prune(prune17(0x84, offsets(1, 2, 3)), PgVersion.V18))
        .isInstanceOf(WalException.class);
    assertThatThrownBy(() -> prune(prune17(0x84, offsets(9, 2, 3)), PgVersion.V18))
        .isInstanceOf(WalException.class);
  }

  @Test
  void prune_ofALinePointerThatIsNotThere_isRefused() {
    tuples(3);

    assertThatThrownBy(() -> prune(prune17(0x84, offsets(1, 4)), PgVersion.V18))
        .isInstanceOf(PageException.class);
  }

  @Test
  void vacuum_before17_freesLinePointersAndMovesNothing() {
    tuples(3);
    int upper = page.upper();
    page.setItemId(1, 0, Page.LP_DEAD, 0);
    page.setItemId(3, 0, Page.LP_DEAD, 0);

    prune(record(0x20, offsets(1, 3), u16(2)), PgVersion.V16);

    assertThat(page.itemId(1)).isZero();
    assertThat(page.maxOffset()).isEqualTo(2);
    assertThat(page.upper()).isEqualTo(upper);
    assertThat(page.hasFlag(Page.HAS_FREE_LINES)).isTrue();
  }

  @Test
  void freezePage_of15_hasAPlanForEachTuple() {
    tuples(2);
    byte[] plans =
        bytes(
            bytes(u32(5), u16(2), u16(0x8002), u16(0x0B00), new byte[] {0x02, 0}),
            bytes(u32(6), u16(1), u16(2), u16(0x0300), new byte[2]));

    prune(record(0x30, plans, bytes(u32(700), u16(2))), PgVersion.V15);

    int second = page.itemOffset(2);
    assertThat(HeapTuple.xmax(page, second)).isEqualTo(5);
    assertThat(HeapTuple.infomask2(page, second)).isEqualTo(0x8002);
    assertThat(HeapTuple.infomask(page, second)).isEqualTo(0x0B00);
    assertThat(HeapTuple.cid(page, second)).isEqualTo(2);
    assertThat(HeapTuple.xmax(page, page.itemOffset(1))).isEqualTo(6);
  }

  @Test
  void freezePage_of16_sharesPlans() {
    tuples(3);
    byte[] plans = bytes(plan(5, 0x0B00, 0, 2), plan(6, 0x0300, 0, 1), offsets(1, 3, 2));

    prune(record(0x30, plans, bytes(u32(700), u16(2), new byte[1])), PgVersion.V16);

    assertThat(HeapTuple.xmax(page, page.itemOffset(1))).isEqualTo(5);
    assertThat(HeapTuple.xmax(page, page.itemOffset(3))).isEqualTo(5);
    assertThat(HeapTuple.xmax(page, page.itemOffset(2))).isEqualTo(6);
  }

  /** Tuples of three and two bytes, so that the second begins after a byte of padding. */
  private static byte[] twoTuples() {
    return bytes(
        bytes(u16(4), u16(2), u16(0x0802), new byte[] {24, 0}, text("abc")),
        new byte[1],
        bytes(u16(3), u16(1), u16(0x0900), new byte[] {24, 0}, text("de")));
  }

  @Test
  void multiInsert_alignsEachHeader() {
    tuples(1);
    page.setFlag(Page.ALL_VISIBLE);

    prune(
        record(0x50, twoTuples(), bytes(new byte[] {1, 0}, u16(2), offsets(2, 3))), PgVersion.V18);

    assertThat(data(page, 2)).isEqualTo("abc");
    assertThat(data(page, 3)).isEqualTo("de");
    assertThat(HeapTuple.xmin(page, page.itemOffset(3))).isEqualTo(XID);
    assertThat(HeapTuple.ctidOffset(page, page.itemOffset(3))).isEqualTo(3);
    assertThat(HeapTuple.infomask(page, page.itemOffset(3))).isEqualTo(0x0900);
    assertThat(page.hasFlag(Page.ALL_VISIBLE)).isFalse();
  }

  @Test
  void multiInsertInit_countsOffsetsFrom1AndMaySetAllVisible() {
    Page zeros = new Page(new byte[Page.BYTES]);

    redo(
        heap2(0xD0)
            .block(0, 0, BLOCK, WILL_INIT, twoTuples())
            .main(bytes(new byte[] {0x20, 0}, u16(2))),
        BLOCK,
        zeros);

    assertThat(zeros.maxOffset()).isEqualTo(2);
    assertThat(data(zeros, 2)).isEqualTo("de");
    assertThat(zeros.hasFlag(Page.ALL_VISIBLE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void multiInsert_ofAnotherNumberOfTuples_isRefused(int count) {
    assertThatThrownBy(
            () ->
                prune(
                    record(0x50, twoTuples(), bytes(new byte[2], u16(count), offsets(1, 2, 3))),
                    PgVersion.V18))
        .isInstanceOf(WalException.class);
  }

  @Test
  void lockUpdated_keepsCommandIdAndChain() {
    int at = add(page, 0x0800 | HeapTuple.COMBOCID, "row");
    HeapTuple.setInfomask2(page, at, 0x4002);
    HeapTuple.setCtid(page, at, 8, 9);

    prune(record(0x60, NONE, xmax(44, 1, 0x0A, 0)), PgVersion.V18);

    assertThat(HeapTuple.infomask(page, at)).isEqualTo(0x0090 | HeapTuple.COMBOCID);
    assertThat(HeapTuple.infomask2(page, at)).isEqualTo(0x4002);
    assertThat(HeapTuple.cid(page, at)).isEqualTo(7);
    assertThat(HeapTuple.ctidOffset(page, at)).isEqualTo(9);
    assertThat(HeapTuple.xmax(page, at)).isEqualTo(44);
  }

  @ParameterizedTest
  @CsvSource({"0x00", "0x70", "0x80", "0x90", "0xA0", "0xB0", "0xE0", "0xF0"})
  void redo_ofATypeThatChangesNoSuchPage_isRefused(String type) {
    tuples(1);

    assertThatThrownBy(() -> prune(record(Integer.decode(type), NONE, new byte[40]), PgVersion.V18))
        .isInstanceOf(RedoException.class);
  }
}
