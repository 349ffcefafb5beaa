package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.HeapRecords.NONE;
import static io.walstrata.postgres.rmgr.HeapRecords.WILL_INIT;
import static io.walstrata.postgres.rmgr.HeapRecords.XID;
import static io.walstrata.postgres.rmgr.HeapRecords.add;
import static io.walstrata.postgres.rmgr.HeapRecords.data;
import static io.walstrata.postgres.rmgr.HeapRecords.emptyPage;
import static io.walstrata.postgres.rmgr.HeapRecords.header;
import static io.walstrata.postgres.rmgr.HeapRecords.heap;
import static io.walstrata.postgres.rmgr.HeapRecords.redo;
import static io.walstrata.postgres.rmgr.HeapRecords.text;
import static io.walstrata.postgres.rmgr.HeapRecords.update;
import static io.walstrata.postgres.rmgr.HeapRecords.xmax;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.HeapTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.rmgr.RecordRedo.LsnStamp;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.WalException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeapRedoTest {
  private static final int BLOCK = 3;

  /** All that a tuple can have of xmax, and HEAP_MOVED and a pair of command ids. */
  private static final int ALL_XMAX = 0xDCD0 | HeapTuple.COMBOCID;

  private final Page page = emptyPage();

  private static RecordMaker insert(int type, int offsetNumber, int flags, int infomask) {
    return heap(type)
        .block(
            0,
            0,
            BLOCK,
            (type & 0x80) != 0 ? WILL_INIT : 0,
            bytes(header(infomask), new byte[1], text("hello")))
        .main(bytes(u16(offsetNumber), new byte[] {(byte) flags}));
  }

  private static RecordMaker change(int type, byte[] main) {
    return heap(type).block(0, 0, BLOCK, 0, NONE).main(main);
  }

  @Test
  void insert_makesATupleOfTheRecordsTransaction() {
    page.setFlag(Page.ALL_VISIBLE);

    assertThat(redo(insert(0x00, 1, 0, 0x0802 | HeapTuple.COMBOCID), BLOCK, page))
        .isEqualTo(LsnStamp.SET);

    int at = page.itemOffset(1);
    assertThat(HeapTuple.xmin(page, at)).isEqualTo(XID);
    assertThat(HeapTuple.xmax(page, at)).isZero();
    assertThat(HeapTuple.cid(page, at)).isZero();
    assertThat(HeapTuple.ctidBlock(page, at)).isEqualTo(BLOCK);
    assertThat(HeapTuple.ctidOffset(page, at)).isEqualTo(1);
    assertThat(HeapTuple.infomask(page, at)).isEqualTo(0x0802);
    assertThat(HeapTuple.infomask2(page, at)).isEqualTo(2);
    assertThat(data(page, 1)).isEqualTo("hello");
    assertThat(page.itemLength(1)).isEqualTo(29);
    assertThat(page.pruneXid()).isZero();
    assertThat(page.hasFlag(Page.ALL_VISIBLE)).isTrue();
  }

  @Test
  void insert_thatClearedAllVisible_clearsTheFlag() {
    page.setFlag(Page.ALL_VISIBLE);

    redo(insert(0x00, 1, 0x01, 0), BLOCK, page);

    assertThat(page.hasFlag(Page.ALL_VISIBLE)).isFalse();
  }

  @Test
  void insertInit_startsFromAnEmptyPage() {
    Page zeros = new Page(new byte[Page.BYTES]);

    redo(insert(0x80, 1, 0, 0), BLOCK, zeros);

    assertThat(zeros.maxOffset()).isEqualTo(1);
    assertThat(zeros.special()).isEqualTo(Page.BYTES);
    assertThat(data(zeros, 1)).isEqualTo("hello");
  }

  @Test
  void insert_usesAFreeLinePointer() {
    add(page, 0, "one");
    add(page, 0, "two");
    page.setItemId(1, 0);

    redo(insert(0x00, 1, 0, 0), BLOCK, page);

    assertThat(data(page, 1)).isEqualTo("hello");
    assertThat(page.maxOffset()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 292, 65535})
  void insert_atAnOffsetThatCannotBe_isRefused(int offsetNumber) {
    add(page, 0, "one");

    assertThatThrownBy(() -> redo(insert(0x00, offsetNumber, 0, 0), BLOCK, page))
        .isInstanceOf(PageException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 22, 25, 255})
  void insert_withDataOutsideOfTheTuple_isRefused(int hoff) {
    RecordMaker record =
        heap(0x00)
            .block(0, 0, BLOCK, 0, bytes(u16(2), u16(0), new byte[] {(byte) hoff, 0}))
            .main(bytes(u16(1), new byte[1]));

    assertThatThrownBy(() -> redo(record, BLOCK, page))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("hoff=" + hoff);
  }

  @Test
  void delete_replacesAllAboutXmax() {
    page.setFlag(Page.ALL_VISIBLE);
    int at = add(page, 0x0302 | ALL_XMAX, "row");
    HeapTuple.setInfomask2(page, at, 0xE002);

    redo(change(0x10, xmax(800, 1, 0x14, 0x01)), BLOCK, page);

    assertThat(HeapTuple.infomask(page, at)).isEqualTo(0x0302 | HeapTuple.XMAX_EXCL_LOCK);
    assertThat(HeapTuple.infomask2(page, at)).isEqualTo(0xA002);
    assertThat(HeapTuple.xmin(page, at)).isEqualTo(100);
    assertThat(HeapTuple.xmax(page, at)).isEqualTo(800);
    assertThat(HeapTuple.cid(page, at)).isZero();
    assertThat(HeapTuple.ctidOffset(page, at)).isEqualTo(1);
    assertThat(page.pruneXid()).isEqualTo(XID);
    assertThat(page.hasFlag(Page.ALL_VISIBLE)).isFalse();
  }

  @Test
  void delete_ofASpeculativeInsertion_clearsXmin() {
    int at = add(page, 0, "row");
    HeapTuple.setXmax(page, at, 55);

    redo(change(0x10, xmax(800, 1, 0, 0x08)), BLOCK, page);

    assertThat(HeapTuple.xmin(page, at)).isZero();
    assertThat(HeapTuple.xmax(page, at)).isEqualTo(55);
  }

  @Test
  void delete_byAMoveToAnotherPartition_marksIt() {
    int at = add(page, 0, "row");

    redo(change(0x10, xmax(800, 1, 0, 0x10)), BLOCK, page);

    assertThat(HeapTuple.ctidBlock(page, at)).isEqualTo(0xFFFFFFFFL);
    assertThat(HeapTuple.ctidOffset(page, at)).isEqualTo(0xFFFD);
  }

  @ParameterizedTest
  @CsvSource({
    "0x01, 0x1000, 0x4002, 9", // A multixact that may have an update.
    "0x02, 0x0080, 0x0002, 1",
    "0x04, 0x0040, 0x0002, 1",
    "0x05, 0x1040, 0x4002, 9",
    "0x08, 0x0010, 0x4002, 9",
    "0x0A, 0x0090, 0x0002, 1",
    "0x1F, 0x10D0, 0x2002, 1",
  })
  void lock_endsTheChainOnlyIfNothingUpdates(
      String infobits, String infomask, String infomask2, int next) {
    int at = add(page, 0x0302 | ALL_XMAX, "row");
    HeapTuple.setInfomask2(page, at, 0x6002);
    HeapTuple.setCtid(page, at, BLOCK, 9);
    page.setFlag(Page.ALL_VISIBLE);

    redo(change(0x60, xmax(77, 1, Integer.decode(infobits), 1)), BLOCK, page);

    assertThat(HeapTuple.infomask(page, at)).isEqualTo(0x0302 | Integer.decode(infomask));
    assertThat(HeapTuple.infomask2(page, at)).isEqualTo(Integer.decode(infomask2));
    assertThat(HeapTuple.ctidOffset(page, at)).isEqualTo(next);
    assertThat(HeapTuple.xmax(page, at)).isEqualTo(77);
    assertThat(HeapTuple.cid(page, at)).isZero();
    assertThat(page.pruneXid()).isZero();
    assertThat(page.hasFlag(Page.ALL_VISIBLE)).isTrue();
  }

  @Test
  void confirm_pointsTheTupleAtItself() {
    int at = add(page, 0, "row");
    HeapTuple.setCtid(page, at, 123, 0xFFFE);

    redo(change(0x50, u16(1)), BLOCK, page);

    assertThat(HeapTuple.ctidBlock(page, at)).isEqualTo(BLOCK);
    assertThat(HeapTuple.ctidOffset(page, at)).isEqualTo(1);
  }

  @Test
  void inplace_replacesTheDataAndNothingElse() {
    int at = add(page, 0x0b00, "old data");

    redo(heap(0x70).block(0, 0, BLOCK, 0, text("new data")).main(u16(1)), BLOCK, page);

    assertThat(data(page, 1)).isEqualTo("new data");
    assertThat(HeapTuple.cid(page, at)).isEqualTo(7);
    assertThatThrownBy(
            () ->
                redo(
                    heap(0x70).block(0, 0, BLOCK, 0, text("longer data")).main(u16(1)),
                    BLOCK,
                    page))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("data=11");
  }

  @Test
  void hotUpdate_takesPrefixAndSuffixOfTheOldTuple() {
    int old = add(page, ALL_XMAX, "prefix-old-suffix");
    RecordMaker record =
        heap(0x40)
            .block(
                0, 0, BLOCK, 0, bytes(u16(7), u16(7), header(0x2802), new byte[1], text("changed")))
            .main(update(0x00, 0x60, 2));

    redo(record, BLOCK, page);

    assertThat(data(page, 2)).isEqualTo("prefix-changed-suffix");
    int at = page.itemOffset(2);
    assertThat(HeapTuple.xmin(page, at)).isEqualTo(XID);
    assertThat(HeapTuple.ctidOffset(page, at)).isEqualTo(2);
    assertThat(HeapTuple.infomask(page, at)).isEqualTo(0x2802);
    assertThat(HeapTuple.ctidOffset(page, old)).isEqualTo(2);
    assertThat(HeapTuple.infomask(page, old)).isZero();
    assertThat(HeapTuple.infomask2(page, old)).isEqualTo(0x4002);
    assertThat(HeapTuple.xmax(page, old)).isEqualTo(XID);
    assertThat(page.pruneXid()).isEqualTo(XID);
  }

  @Test
  void hotUpdate_withALongerBitmap_takesThePrefixFromTheOldData() {
    add(page, 0, "prefix-old");
    RecordMaker record =
        heap(0x40)
            .block(
                0,
                0,
                BLOCK,
                0,
                bytes(u16(7), u16(2), u16(1), new byte[] {32}, text("bitmap123"), text("new")))
            .main(update(0, 0x20, 2));

    redo(record, BLOCK, page);

    assertThat(data(page, 2)).isEqualTo("prefix-new");
    int bits = page.itemOffset(2) + HeapTuple.HEADER_BYTES;
    assertThat(page.u8(bits)).isEqualTo('b');
    assertThat(page.u8(bits + 8)).isEqualTo('3');
  }

  @ParameterizedTest
  @CsvSource({"0x20, 11", "0x40, 11", "0x60, 6", "0x20, 65535"})
  void hotUpdate_thatTakesMoreThanTheOldTupleHas_isRefused(String flags, int length) {
    add(page, 0, "0123456789");
    byte[] lengths = flags.equals("0x60") ? bytes(u16(length), u16(length)) : u16(length);
    RecordMaker record =
        heap(0x40)
            .block(0, 0, BLOCK, 0, bytes(lengths, header(0), new byte[1]))
            .main(update(0, Integer.decode(flags), 2));

    assertThatThrownBy(() -> redo(record, BLOCK, page)).isInstanceOf(PageException.class);
  }

  private static RecordMaker twoPages(int type, int flags) {
    return heap(type)
        .block(
            0, 0, 8, (type & 0x80) != 0 ? WILL_INIT : 0, bytes(header(0), new byte[1], text("new")))
        .block(1, 0, BLOCK, 0, NONE)
        .main(update(0x10, flags, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x20, 0xA0})
  void update_toAnotherPage_changesTheOldTupleAlone(int type) {
    int at = add(page, ALL_XMAX, "old");
    HeapTuple.setInfomask2(page, at, 0x4002);
    page.setFlag(Page.ALL_VISIBLE);

    redo(twoPages(type, 0x01), BLOCK, page);

    assertThat(page.maxOffset()).isEqualTo(1);
    assertThat(HeapTuple.infomask2(page, at)).isEqualTo(0x2002);
    assertThat(HeapTuple.ctidBlock(page, at)).isEqualTo(8);
    assertThat(HeapTuple.ctidOffset(page, at)).isEqualTo(1);
    assertThat(page.hasFlag(Page.ALL_VISIBLE)).isFalse();
    assertThat(page.pruneXid()).isEqualTo(XID);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x20, 0xA0})
  void update_fromAnotherPage_addsTheNewTupleAlone(int type) {
    Page target = type == 0xA0 ? new Page(new byte[Page.BYTES]) : page;
    target.setFlag(Page.ALL_VISIBLE);

    redo(twoPages(type, 0x02), 8, target);

    int at = target.itemOffset(1);
    assertThat(data(target, 1)).isEqualTo("new");
    assertThat(HeapTuple.ctidBlock(target, at)).isEqualTo(8);
    assertThat(target.hasFlag(Page.ALL_VISIBLE)).isFalse();
    assertThat(target.pruneXid()).isZero();
  }

  @Test
  void update_ofTwoPagesThatBorrowsOrIsHot_isRefused() {
    add(page, 0, "old");

    assertThatThrownBy(() -> redo(twoPages(0x20, 0x20), BLOCK, page))
        .isInstanceOf(WalException.class);
    assertThatThrownBy(() -> redo(twoPages(0x40, 0), 8, page)).isInstanceOf(WalException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x30, 0x90, 0xB0, 0xC0, 0xD0, 0xE0, 0xF0})
  void redo_ofATypeThatChangesNoSuchPage_isRefused(int type) {
    add(page, 0, "row");

    assertThatThrownBy(() -> redo(change(type, new byte[16]), BLOCK, page))
        .isInstanceOf(RedoException.class);
  }

  @Test
  void redo_ofAnInitialisingUpdateWithinAPage_isRefused() {
    add(page, 0, "row");

    assertThatThrownBy(() -> redo(change(0xA0, new byte[16]), BLOCK, page))
        .isInstanceOf(RedoException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x10, 0x40, 0x60})
  void redo_ofALinePointerWithoutATuple_isRefused(int type) {
    add(page, 0, "row");
    page.setItemId(1, 1, Page.LP_REDIRECT, 0);

    assertThatThrownBy(() -> redo(change(type, update(0, 0, 2)), BLOCK, page))
        .isInstanceOf(PageException.class);
  }

  @Test
  void redo_onAnIndexPage_isRefused() {
    page.init(16);

    assertThatThrownBy(() -> redo(insert(0x00, 1, 0, 0), BLOCK, page))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("not a heap page");
  }
}
