package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.RedoTester.WILL_INIT;
import static io.walstrata.postgres.rmgr.RedoTester.built;
import static io.walstrata.postgres.rmgr.RedoTester.redo;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static io.walstrata.postgres.wal.RecordMaker.u64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.BtreePage;
import io.walstrata.postgres.page.IndexTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.page.Pages;
import io.walstrata.postgres.rmgr.RecordRedo.LsnStamp;
import io.walstrata.postgres.wal.Allocated;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tuples have keys of 8 bytes; tuple ids are (block, offset). */
class BtreeRedoTest {
  private static final int BTREE = 11;
  private static final int ALT_TID = 0x2000;
  private static final int IS_POSTING = 0x2000;

  private final Page page = new Page(new byte[Page.BYTES]);

  private static RecordMaker record(int type) {
    return RecordMaker.record(BTREE, type);
  }

  private static byte[] tid(int block, int offset) {
    return bytes(u16(block >>> 16), u16(block), u16(offset));
  }

  /** A tuple of one heap tuple. */
  private static byte[] tuple(int key, int block, int offset) {
    return bytes(tid(block, offset), u16(16), u64(key));
  }

  /** A tuple with a posting list. */
  private static byte[] posting(int key, byte[]... tids) {
    byte[] list = bytes(tids);
    int size = Page.align(16 + list.length);
    return bytes(
        tid(16, IS_POSTING | tids.length),
        u16(size | ALT_TID),
        u64(key),
        list,
        new byte[size - 16 - list.length]);
  }

  private void leaf(long next, byte[]... items) {
    BtreePage.init(page, 7, next, 0, BtreePage.LEAF);
    BtreePage.setCycleId(page, 5);
    for (byte[] item : items) {
      Pages.add(page, item);
    }
  }

  @Test
  void insertLeaf_addsTheItemAtItsOffsetNumber() {
    leaf(0, tuple(1, 1, 1), tuple(3, 1, 3));
    RecordMaker insert =
        record(BtreeManager.INSERT_LEAF).block(0, 0, 9, 0, tuple(2, 1, 2)).main(u16(2));

    assertThat(redo(insert, 9, page)).isEqualTo(LsnStamp.SET);
    assertThat(Pages.items(page)).containsExactly(tuple(1, 1, 1), tuple(2, 1, 2), tuple(3, 1, 3));
    assertThat(page.upper()).isEqualTo(page.itemOffset(2));
  }

  @Test
  void insertLeaf_allocatesNothing() throws Exception {
    RecordMaker insert =
        record(BtreeManager.INSERT_LEAF).block(0, 0, 9, 0, tuple(2, 1, 2)).main(u16(2));
    RecordView view = RedoTester.view(insert, PgVersion.V18, 9);
    leaf(0, tuple(1, 1, 1), tuple(3, 1, 3));
    redoOften(view);
    leaf(0, tuple(1, 1, 1), tuple(3, 1, 3));
    assertThat(Allocated.bytes(() -> redoOften(view))).isLessThan(200);
  }

  private void redoOften(RecordView view) {
    for (int i = 0; i < 200; i++) {
      redo(view, page);
    }
  }

  @Test
  void insertUpper_finishesTheSplitOfTheChild() {
    RecordMaker insert =
        record(BtreeManager.INSERT_UPPER)
            .block(0, 0, 9, 0, tuple(2, 1, 2))
            .block(1, 0, 4, 0, new byte[0])
            .main(u16(2));
    leaf(0);
    BtreePage.setFlags(page, BtreePage.LEAF | BtreePage.INCOMPLETE_SPLIT);

    redo(insert, 4, page);
    assertThat(BtreePage.flags(page)).isEqualTo(BtreePage.LEAF);
    assertThat(page.maxOffset()).isEqualTo(0);
  }

  @Test
  void insertPost_swapsTheTupleIdWithTheLastOfThePostingList() {
    leaf(0, posting(5, tid(1, 1), tid(1, 4), tid(2, 1)), tuple(6, 9, 9));
    RecordMaker insert =
        record(BtreeManager.INSERT_POST)
            .block(0, 0, 9, 0, bytes(u16(1), tuple(5, 1, 2)))
            .main(u16(2));

    redo(insert, 9, page);
    assertThat(Pages.items(page))
        .containsExactly(
            posting(5, tid(1, 1), tid(1, 2), tid(1, 4)), tuple(5, 2, 1), tuple(6, 9, 9));
  }

  @ParameterizedTest
  @CsvSource({"0", "3", "65535"})
  void insertPost_refusesAPlaceThatIsNotWithinTheList(int place) {
    leaf(0, posting(5, tid(1, 1), tid(1, 4), tid(2, 1)));
    RecordMaker insert =
        record(BtreeManager.INSERT_POST)
            .block(0, 0, 9, 0, bytes(u16(place), tuple(5, 1, 2)))
            .main(u16(2));
    assertThatThrownBy(() -> redo(insert, 9, page)).isInstanceOf(PageException.class);
  }

  private static RecordMaker split(int type, int newItem, int firstRight, int place, byte[] left) {
    return record(type)
        .block(0, 0, 9, 0, left)
        .block(1, 0, 12, WILL_INIT, bytes(tuple(4, 4, 4), tuple(3, 3, 3)))
        .block(2, 0, 10, 0, new byte[0])
        .main(bytes(u32(0), u16(firstRight), u16(newItem), u16(place)));
  }

  @Test
  void splitL_buildsTheLeftPageWithTheNewItemAndTheHighKey() {
    byte[] highKey = tuple(100, 8, 8);
    leaf(10, highKey, tuple(1, 1, 1), tuple(3, 3, 3), tuple(4, 4, 4));
    BtreePage.setFlags(page, BtreePage.LEAF | BtreePage.HAS_GARBAGE | BtreePage.ROOT);
    page.setPruneXid(77);
    byte[] newHighKey = tuple(3, 0, 0);

    redo(split(BtreeManager.SPLIT_L, 3, 3, 0, bytes(tuple(2, 2, 2), newHighKey)), 9, page);
    assertThat(Pages.items(page)).containsExactly(newHighKey, tuple(1, 1, 1), tuple(2, 2, 2));
    assertThat(Pages.offsets(page)).containsExactly(8160, 8144, 8128);
    assertThat(BtreePage.prev(page)).isEqualTo(7);
    assertThat(BtreePage.next(page)).isEqualTo(12);
    assertThat(BtreePage.flags(page)).isEqualTo(BtreePage.LEAF | BtreePage.INCOMPLETE_SPLIT);
    assertThat(BtreePage.cycleId(page)).isEqualTo(0);
    assertThat(page.pruneXid()).isEqualTo(0);
  }

  @Test
  void splitL_addsTheNewItemBetweenOthers() {
    leaf(0, tuple(1, 1, 1), tuple(3, 3, 3), tuple(4, 4, 4));
    redo(split(BtreeManager.SPLIT_L, 2, 3, 0, bytes(tuple(2, 2, 2), tuple(4, 0, 0))), 9, page);
    assertThat(Pages.items(page))
        .containsExactly(tuple(4, 0, 0), tuple(1, 1, 1), tuple(2, 2, 2), tuple(3, 3, 3));
  }

  @Test
  void splitR_leavesTheNewItemToTheRightPage() {
    leaf(0, tuple(1, 1, 1), tuple(3, 3, 3), tuple(4, 4, 4));
    redo(split(BtreeManager.SPLIT_R, 3, 2, 0, tuple(3, 0, 0)), 9, page);
    assertThat(Pages.items(page)).containsExactly(tuple(3, 0, 0), tuple(1, 1, 1));
  }

  @Test
  void splitL_ofAPostingList_changesTheListAndTheNewItem() {
    leaf(0, posting(1, tid(1, 1), tid(1, 3)), tuple(4, 4, 4));
    redo(split(BtreeManager.SPLIT_L, 2, 2, 1, bytes(tuple(1, 1, 2), tuple(4, 0, 0))), 9, page);
    assertThat(Pages.items(page))
        .containsExactly(tuple(4, 0, 0), posting(1, tid(1, 1), tid(1, 2)), tuple(1, 1, 3));
  }

  @Test
  void splitR_ofAPostingList_changesTheListAlone() {
    leaf(0, posting(1, tid(1, 1), tid(1, 3)), tuple(4, 4, 4));
    redo(split(BtreeManager.SPLIT_R, 2, 2, 1, bytes(tuple(1, 1, 2), tuple(4, 0, 0))), 9, page);
    assertThat(Pages.items(page)).containsExactly(tuple(4, 0, 0), posting(1, tid(1, 1), tid(1, 2)));
  }

  @Test
  void split_refusesANewItemThatIsNotOnTheLeftPage() {
    leaf(0, tuple(1, 1, 1), tuple(3, 3, 3), tuple(4, 4, 4));
    RecordMaker split = split(BtreeManager.SPLIT_L, 4, 2, 0, bytes(tuple(2, 2, 2), tuple(4, 0, 0)));
    assertThatThrownBy(() -> redo(split, 9, page)).isInstanceOf(PageException.class);
  }

  @Test
  void split_buildsTheRightPageFromItemsInReverse() {
    Page right = built(split(BtreeManager.SPLIT_R, 3, 2, 0, tuple(3, 0, 0)), 12);
    assertThat(Pages.items(right)).containsExactly(tuple(3, 3, 3), tuple(4, 4, 4));
    assertThat(Pages.offsets(right)).containsExactly(8160, 8144);
    assertThat(BtreePage.prev(right)).isEqualTo(9);
    assertThat(BtreePage.next(right)).isEqualTo(10);
    assertThat(BtreePage.flags(right)).isEqualTo(BtreePage.LEAF);
    assertThat(right.upper()).isEqualTo(8144);
  }

  @Test
  void split_linksTheNextPageToTheRightOne() {
    leaf(0);
    redo(split(BtreeManager.SPLIT_R, 3, 2, 0, tuple(3, 0, 0)), 10, page);
    assertThat(BtreePage.prev(page)).isEqualTo(12);
  }

  @Test
  void dedup_mergesIntervals() {
    leaf(
        10,
        tuple(100, 8, 8),
        tuple(1, 1, 1),
        tuple(2, 2, 1),
        posting(2, tid(2, 2), tid(2, 3)),
        tuple(2, 2, 4),
        tuple(3, 3, 3));
    BtreePage.setFlags(page, BtreePage.LEAF | BtreePage.HAS_GARBAGE);
    page.setItemId(2, page.itemId(2) | Page.LP_DEAD << 15);
    RecordMaker dedup =
        record(BtreeManager.DEDUP).block(0, 0, 9, 0, bytes(u16(3), u16(3))).main(u16(1));

    redo(dedup, 9, page);
    assertThat(Pages.items(page))
        .containsExactly(
            tuple(100, 8, 8),
            tuple(1, 1, 1),
            posting(2, tid(2, 1), tid(2, 2), tid(2, 3), tid(2, 4)),
            tuple(3, 3, 3));
    assertThat(page.itemFlags(2)).isEqualTo(Page.LP_NORMAL);
    assertThat(BtreePage.flags(page)).isEqualTo(BtreePage.LEAF);
    assertThat(BtreePage.cycleId(page)).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "2, 1", "3, 65535", "9, 2"})
  void dedup_refusesIntervalsThatThePageDoesNotHave(int first, int items) {
    leaf(10, tuple(100, 8, 8), tuple(1, 1, 1), tuple(1, 1, 2));
    RecordMaker dedup =
        record(BtreeManager.DEDUP).block(0, 0, 9, 0, bytes(u16(first), u16(items))).main(u16(1));
    assertThatThrownBy(() -> redo(dedup, 9, page)).hasMessageContaining("=");
  }

  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void delete_updatesPostingListsBeforeItRemovesItems(PgVersion version) {
    leaf(
        0,
        tuple(1, 1, 1),
        posting(2, tid(2, 1), tid(2, 2), tid(2, 3)),
        tuple(3, 3, 3),
        posting(4, tid(4, 1), tid(4, 2)));
    BtreePage.setFlags(page, BtreePage.LEAF | BtreePage.HAS_GARBAGE);
    byte[] data = bytes(u16(1), u16(3), u16(2), u16(4), u16(1), u16(1), u16(1), u16(0));
    byte[] catalog = version.atLeast(PgVersion.V16) ? new byte[1] : new byte[0];
    RecordMaker delete =
        record(BtreeManager.DELETE)
            .block(0, 0, 9, 0, data)
            .main(bytes(u32(700), u16(2), u16(2), catalog));

    redo(RedoTester.view(delete, version, 9), page);
    assertThat(Pages.items(page)).containsExactly(posting(2, tid(2, 1), tid(2, 3)), tuple(4, 4, 2));
    assertThat(BtreePage.flags(page)).isEqualTo(BtreePage.LEAF);
    assertThat(BtreePage.cycleId(page)).isEqualTo(5);
    assertThat(page.upper()).isEqualTo(8176 - 32 - 16);
  }

  @Test
  void vacuum_clearsTheCycleId() {
    leaf(0, tuple(1, 1, 1), tuple(2, 2, 2));
    RecordMaker vacuum =
        record(BtreeManager.VACUUM).block(0, 0, 9, 0, u16(1)).main(bytes(u16(1), u16(0)));
    redo(vacuum, 9, page);
    assertThat(Pages.items(page)).containsExactly(tuple(2, 2, 2));
    assertThat(BtreePage.cycleId(page)).isEqualTo(0);
  }

  @Test
  void delete_refusesAPostingListOfWhichNothingIsLeft() {
    leaf(0, posting(4, tid(4, 1), tid(4, 2)));
    RecordMaker vacuum =
        record(BtreeManager.VACUUM)
            .block(0, 0, 9, 0, bytes(u16(1), u16(2), u16(0), u16(1)))
            .main(bytes(u16(0), u16(1)));
    assertThatThrownBy(() -> redo(vacuum, 9, page)).isInstanceOf(PageException.class);
  }

  private static RecordMaker halfDead() {
    return record(BtreeManager.MARK_PAGE_HALFDEAD)
        .block(0, 0, 9, WILL_INIT, new byte[0])
        .block(1, 0, 3, 0, new byte[0])
        .main(bytes(u16(1), u16(0), u32(9), u32(8), u32(0x10000A), u32(0xFFFFFFFFL)));
  }

  @Test
  void markPageHalfDead_givesTheParentsKeyTheLinkOfTheNext() {
    leaf(0, tuple(1, 9, 0), tuple(2, 0x10000A, 0), tuple(3, 11, 0));
    redo(halfDead(), 3, page);
    assertThat(Pages.items(page)).containsExactly(tuple(1, 0x10000A, 0), tuple(3, 11, 0));
  }

  @Test
  void markPageHalfDead_leavesALeafWithoutItems() {
    Page leaf = built(halfDead(), 9);
    assertThat(BtreePage.flags(leaf)).isEqualTo(BtreePage.LEAF | BtreePage.HALF_DEAD);
    assertThat(BtreePage.prev(leaf)).isEqualTo(8);
    assertThat(BtreePage.next(leaf)).isEqualTo(0x10000A);
    assertThat(Pages.items(leaf)).containsExactly(bytes(tid(-1, 0), u16(8 | ALT_TID)));
  }

  private static RecordMaker unlink() {
    return record(BtreeManager.UNLINK_PAGE_META)
        .block(0, 0, 9, WILL_INIT, new byte[0])
        .block(1, 0, 8, 0, new byte[0])
        .block(2, 0, 10, 0, new byte[0])
        .block(3, 0, 20, WILL_INIT, new byte[0])
        .block(4, 0, 0, WILL_INIT, metadata())
        .main(bytes(u32(8), u32(10), u32(1), u32(0), u64(0x123456789L), u32(19), u32(21), u32(22)));
  }

  private static byte[] metadata() {
    return bytes(u32(4), u32(3), u32(2), u32(10), u32(1), u32(6), u32(1));
  }

  @Test
  void unlinkPage_leavesTheSafeTransaction() {
    Page deleted = built(unlink(), 9);
    assertThat(BtreePage.flags(deleted)).isEqualTo(BtreePage.DELETED | BtreePage.HAS_FULL_XID);
    assertThat(BtreePage.level(deleted)).isEqualTo(1);
    assertThat(deleted.lower()).isEqualTo(32);
    assertThat(deleted.upper()).isEqualTo(8176);
    assertThat(deleted.u32(24)).isEqualTo(0x23456789L);
    assertThat(deleted.u32(28)).isEqualTo(1);
  }

  @Test
  void unlinkPage_linksItsSiblings() {
    leaf(9);
    redo(unlink(), 8, page);
    assertThat(BtreePage.next(page)).isEqualTo(10);
    leaf(9);
    redo(unlink(), 10, page);
    assertThat(BtreePage.prev(page)).isEqualTo(8);
  }

  @Test
  void unlinkPage_ofAParent_leadsTheLeafToTheNextOne() {
    Page leaf = built(unlink(), 20);
    assertThat(BtreePage.prev(leaf)).isEqualTo(19);
    assertThat(BtreePage.next(leaf)).isEqualTo(21);
    assertThat(Pages.items(leaf)).containsExactly(bytes(tid(22, 0), u16(8 | ALT_TID)));
  }

  @Test
  void meta_isBuiltFromTheRecord() {
    Page meta = built(unlink(), 0);
    assertThat(BtreePage.flags(meta)).isEqualTo(BtreePage.META);
    assertThat(meta.lower()).isEqualTo(72);
    assertThat(meta.u32(24)).isEqualTo(0x053162);
    assertThat(meta.u32(28)).isEqualTo(4);
    assertThat(meta.u32(40)).isEqualTo(10);
    assertThat(meta.u32(48)).isEqualTo(6);
    assertThat(Double.longBitsToDouble(meta.u32(60) << 32 | meta.u32(56))).isEqualTo(-1.0);
    assertThat(meta.u8(64)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"0, 3", "2, 2"})
  void newRoot_isALeafAtLevelZero(int level, int flags) {
    byte[] items = level == 0 ? new byte[0] : bytes(tuple(2, 5, 1), tuple(1, 4, 0));
    Page root =
        built(
            record(BtreeManager.NEWROOT)
                .block(0, 0, 9, WILL_INIT, items)
                .block(2, 0, 0, WILL_INIT, metadata())
                .main(bytes(u32(9), u32(level))),
            9);
    assertThat(BtreePage.flags(root)).isEqualTo(flags);
    assertThat(BtreePage.level(root)).isEqualTo(level);
    assertThat(root.maxOffset()).isEqualTo(level);
  }

  @Test
  void pages_ofOtherIndexMethods_areRefused() {
    Page other = Pages.empty(8);
    RecordMaker insert =
        record(BtreeManager.INSERT_LEAF).block(0, 0, 9, 0, tuple(2, 1, 2)).main(u16(1));
    assertThatThrownBy(() -> redo(insert, 9, other))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("B-tree");
  }

  @Test
  void reusePage_changesNoPage() {
    RecordMaker reuse = record(BtreeManager.REUSE_PAGE).block(0, 0, 9, 0, new byte[0]);
    assertThatThrownBy(() -> redo(reuse, 9, page)).isInstanceOf(RedoException.class);
  }

  @Test
  void randomRecords_areRefusedOrLeaveAPage() {
    leaf(
        10,
        tuple(100, 8, 8),
        tuple(1, 1, 1),
        posting(2, tid(2, 1), tid(2, 2), tid(2, 3)),
        tuple(2, 2, 4),
        posting(4, tid(4, 1), tid(4, 2)));
    RedoTester.fuzz(Seeds.random(), page, 30_000, BtreeRedoTest::randomRecord);
  }

  private static RecordMaker randomRecord(Random random) {
    RecordMaker record = record(16 * random.nextInt(16));
    for (int id = 0; id < 5; id++) {
      byte[] data = RedoTester.data(random, 60);
      if (data.length > 8 && random.nextBoolean()) {
        data[IndexTuple.INFO] = (byte) (8 * random.nextInt(4));
        data[IndexTuple.INFO + 1] = 0;
      }
      record.block(id, 0, id, 0, data);
    }
    return record.main(RedoTester.data(random, 40));
  }
}
