package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.RecordOnPage.WILL_INIT;
import static io.walstrata.postgres.rmgr.RecordOnPage.item;
import static io.walstrata.postgres.rmgr.RecordOnPage.tuple;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.GinPage;
import io.walstrata.postgres.page.GinPostingList;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GinRedoTest {
  private static final int LEAF = GinPage.GIN_DATA | GinPage.GIN_LEAF | GinPage.GIN_COMPRESSED;

  private final GinRedo redo = new GinRedo();
  private final Page page = RecordOnPage.zeros();

  private static RecordMaker record(int type) {
    return RecordMaker.record(Rmgr.GIN.id(), type);
  }

  private static byte[] item6(int block, int offset) {
    return bytes(u16(block >>> 16), u16(block), u16(offset));
  }

  private static byte[] segment(int... items) {
    byte[] bytes = new byte[8000];
    long[] numbers = Arrays.stream(items).asLongStream().map(n -> 2048 * n + 1).toArray();
    return Arrays.copyOf(bytes, GinPostingList.encode(numbers, items.length, bytes, 0, 8000));
  }

  /** Makes a leaf of a posting tree. Item n is the first tuple of block n. */
  private void leaf(byte[]... segments) {
    GinPage.init(page, LEAF);
    byte[] all = bytes(segments);
    System.arraycopy(all, 0, page.bytes(), GinPage.DATA, all.length);
    GinPage.setDataBytes(page, all.length);
  }

  private byte[] data() {
    return Arrays.copyOfRange(page.bytes(), GinPage.DATA, page.lower());
  }

  private static RecordMaker vacuum(int actions, byte[]... parts) {
    byte[] data = bytes(u16(actions), bytes(parts));
    return record(GinManager.VACUUM_DATA_LEAF_PAGE).block(0, 0, 6, 0, data).main(new byte[1]);
  }

  private static byte[] action(int segment, int action) {
    return new byte[] {(byte) segment, (byte) action};
  }

  @Test
  void leaf_keepsWhatTheRecordDoesNotName() {
    leaf(segment(1, 2), segment(5, 6, 7), segment(8), segment(9, 12), segment(20));
    RecordMaker record =
        vacuum(
            4,
            action(1, GinDataLeafRedo.SEGMENT_REPLACE),
            segment(5, 70),
            action(2, GinDataLeafRedo.SEGMENT_DELETE),
            bytes(action(3, GinDataLeafRedo.SEGMENT_ADD_ITEMS), u16(2), item6(10, 1)),
            item6(13, 1),
            bytes(action(4, GinDataLeafRedo.SEGMENT_INSERT), segment(15, 16)));

    RecordOnPage.redo(redo, record, 6, page);

    assertThat(data())
        .isEqualTo(
            bytes(
                segment(1, 2),
                segment(5, 70),
                segment(9, 10, 12, 13),
                segment(15, 16),
                segment(20)));
  }

  @Test
  void leaf_getsSegmentsAfterItsLast() {
    leaf(segment(1, 2));
    byte[] insert = action(1, GinDataLeafRedo.SEGMENT_INSERT);

    RecordOnPage.redo(redo, vacuum(2, insert, segment(5), insert, segment(6, 7)), 6, page);

    assertThat(data()).isEqualTo(bytes(segment(1, 2), segment(5), segment(6, 7)));
  }

  @Test
  void leaf_ofAnOldVersionIsCompressedFirst() {
    GinPage.init(page, GinPage.GIN_DATA | GinPage.GIN_LEAF);
    byte[] items = bytes(item6(3, 1), item6(4, 1), item6(9, 1));
    System.arraycopy(items, 0, page.bytes(), GinPage.DATA, items.length);
    GinPage.setMaxoff(page, 3);
    byte[] add = bytes(action(0, GinDataLeafRedo.SEGMENT_ADD_ITEMS), u16(1), item6(5, 1));

    RecordOnPage.redo(redo, vacuum(1, add), 6, page);

    assertThat(data()).isEqualTo(segment(3, 4, 5, 9));
    assertThat(GinPage.maxoff(page)).isZero();
    assertThat(GinPage.hasFlag(page, GinPage.GIN_COMPRESSED)).isTrue();
  }

  @Test
  void leaf_ofAnOldVersionWithoutItems() {
    GinPage.init(page, GinPage.GIN_DATA | GinPage.GIN_LEAF);

    byte[] insert = bytes(action(0, GinDataLeafRedo.SEGMENT_INSERT), segment(7, 8));
    RecordOnPage.redo(redo, vacuum(1, insert), 6, page);

    assertThat(data()).isEqualTo(segment(7, 8));
  }

  @Test
  void leaf_withoutTheSegmentIsRefused() {
    leaf(segment(1, 2));

    for (int action : new int[] {1, 3, 4}) {
      byte[] part = bytes(action(1, action), u16(0), new byte[6]);
      assertThatThrownBy(() -> RecordOnPage.redo(redo, vacuum(1, part), 6, page))
          .isInstanceOf(PageException.class)
          .hasMessageContaining("without the segment");
    }
  }

  @Test
  void leaf_segmentsOutOfOrderAreRefused() {
    leaf(segment(1, 2), segment(3));
    RecordMaker record = vacuum(2, action(1, 1), action(0, 1));

    assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 6, page))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("out of order");
  }

  @Test
  void leaf_moreThanItHoldsIsRefused() {
    leaf(segment(1, 2));
    byte[] big = bytes(item6(4, 1), u16(8000), new byte[8000]);
    byte[] insert = action(1, GinDataLeafRedo.SEGMENT_INSERT);

    assertThatThrownBy(() -> RecordOnPage.redo(redo, vacuum(2, insert, big, insert, big), 6, page))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("no room");
  }

  @Test
  void createPostingTree_isALeafWithTheRecordsSegments() {
    RecordMaker record =
        record(GinManager.CREATE_PTREE)
            .block(0, 0, 6, WILL_INIT, new byte[0])
            .main(bytes(u32(10), segment(1, 2)));

    RecordOnPage.redo(redo, record, 6, page);

    assertThat(data()).isEqualTo(segment(1, 2));
    assertThat(GinPage.rightlink(page)).isEqualTo(GinPage.INVALID_BLOCK);
    assertThat(GinPage.hasFlag(page, GinPage.GIN_COMPRESSED)).isTrue();
  }

  @Test
  void insert_intoAnInnerPageOfAPostingTreeLeadsTheOldItemToTheRightHalf() {
    GinPage.init(page, GinPage.GIN_DATA);
    byte[] items = bytes(u16(0), u16(11), item6(5, 1), u16(0), u16(12), item6(9, 1));
    System.arraycopy(items, 0, page.bytes(), GinPage.DATA, 20);
    GinPage.setMaxoff(page, 2);
    GinPage.setDataBytes(page, 20);
    byte[] added = bytes(u16(0), u16(12), item6(7, 1));
    RecordMaker record =
        record(GinManager.INSERT)
            .block(0, 0, 6, 0, bytes(u16(2), added))
            .block(1, 0, 12, 0, new byte[0])
            .main(bytes(u16(GinManager.IS_DATA), u16(0), u16(12), u16(1), u16(33)));

    RecordOnPage.redo(redo, record, 6, page);

    assertThat(GinPage.maxoff(page)).isEqualTo(3);
    byte[] last = bytes(u16(1), u16(33), item6(9, 1));
    assertThat(data()).isEqualTo(bytes(Arrays.copyOf(items, 10), added, last));

    leaf(segment(1));
    GinPage.setFlag(page, GinPage.GIN_INCOMPLETE_SPLIT);
    RecordOnPage.redo(redo, record, 12, page);
    assertThat(GinPage.hasFlag(page, GinPage.GIN_INCOMPLETE_SPLIT)).isFalse();
  }

  @Test
  void insert_intoTheTreeOfEntriesReplacesATuple() {
    GinPage.init(page, GinPage.GIN_LEAF);
    for (int i = 1; i <= 3; i++) {
      System.arraycopy(tuple(16, i), 0, page.bytes(), page.insertItem(i, 16), 16);
    }
    RecordMaker record =
        record(GinManager.INSERT)
            .block(0, 0, 6, 0, bytes(u16(2), u16(1), tuple(24, 9)))
            .main(u16(GinManager.IS_LEAF));

    RecordOnPage.redo(redo, record, 6, page);

    assertThat(page.maxOffset()).isEqualTo(3);
    assertThat(item(page, 2)).isEqualTo(tuple(24, 9));
    assertThat(item(page, 3)).isEqualTo(tuple(16, 3));
  }

  @Test
  void insert_intoAnInnerPageOfEntriesLeadsTheOldTupleToTheRightHalf() {
    GinPage.init(page, 0);
    System.arraycopy(tuple(16, 1), 0, page.bytes(), page.insertItem(1, 16), 16);
    RecordMaker record =
        record(GinManager.INSERT)
            .block(0, 0, 6, 0, bytes(u16(1), u16(0), tuple(24, 9)))
            .block(1, 0, 12, 0, new byte[0])
            .main(bytes(u16(0), u16(0), u16(12), u16(1), u16(33)));

    RecordOnPage.redo(redo, record, 6, page);

    assertThat(item(page, 1)).isEqualTo(tuple(24, 9));
    assertThat(Arrays.copyOf(item(page, 2), 6)).isEqualTo(item6(0x10021, 0));
  }

  @Test
  void split_hasImagesOfItsPagesAndCompletesThatOfTheChild() {
    byte[] head = bytes(new byte[12], u32(1), u32(2), u32(3));
    RecordMaker inner = record(GinManager.SPLIT);
    inner.block(0, 0, 6, 0, new byte[0]).block(3, 0, 12, 0, new byte[0]).main(bytes(head, u16(1)));
    leaf(segment(1));
    GinPage.setFlag(page, GinPage.GIN_INCOMPLETE_SPLIT);
    RecordOnPage.redo(redo, inner, 12, page);
    assertThat(GinPage.hasFlag(page, GinPage.GIN_INCOMPLETE_SPLIT)).isFalse();

    assertThatThrownBy(() -> RecordOnPage.redo(redo, inner, 6, page))
        .isInstanceOf(RedoException.class);
  }

  @Test
  void deletePage_changesThreePages() {
    RecordMaker record =
        record(GinManager.DELETE_PAGE)
            .block(0, 0, 6, 0, new byte[0])
            .block(1, 0, 2, 0, new byte[0])
            .block(2, 0, 5, 0, new byte[0])
            .main(bytes(u16(1), u16(0), u32(7), u32(900)));

    leaf();
    RecordOnPage.redo(redo, record, 6, page);
    assertThat(GinPage.hasFlag(page, GinPage.GIN_DELETED)).isTrue();
    assertThat(page.pruneXid()).isEqualTo(900);

    leaf();
    RecordOnPage.redo(redo, record, 5, page);
    assertThat(GinPage.rightlink(page)).isEqualTo(7);

    GinPage.init(page, GinPage.GIN_DATA);
    byte[] items = bytes(u32(1), item6(5, 1), u32(2), item6(9, 1));
    System.arraycopy(items, 0, page.bytes(), GinPage.DATA, 20);
    GinPage.setMaxoff(page, 2);
    RecordOnPage.redo(redo, record, 2, page);
    assertThat(data()).isEqualTo(Arrays.copyOfRange(items, 10, 20));
    assertThat(GinPage.maxoff(page)).isEqualTo(1);
  }

  @Test
  void metaPage_isBuiltFromTheRecord() {
    byte[] meta = new byte[GinPage.META_BYTES];
    Arrays.fill(meta, (byte) 7);
    RecordMaker record =
        record(GinManager.UPDATE_META_PAGE)
            .block(0, 0, 0, WILL_INIT, new byte[0])
            .block(1, 0, 5, 0, bytes(tuple(16, 1), tuple(24, 2)))
            .main(bytes(new byte[16], meta, u32(3), u32(4), u32(2), u32(0)));

    RecordOnPage.redo(redo, record, 0, page);
    assertThat(Arrays.copyOfRange(page.bytes(), 24, page.lower())).isEqualTo(meta);
    assertThat(GinPage.hasFlag(page, GinPage.GIN_META)).isTrue();

    GinPage.init(page, GinPage.GIN_LIST);
    GinPage.setMaxoff(page, 4);
    RecordOnPage.redo(redo, record, 5, page);
    assertThat(item(page, 2)).isEqualTo(tuple(24, 2));
    assertThat(GinPage.maxoff(page)).isEqualTo(5);
  }

  @Test
  void metaPage_withANewTailLinksTheOldOne() {
    byte[] head = new byte[16 + GinPage.META_BYTES];
    RecordMaker record =
        record(GinManager.UPDATE_META_PAGE)
            .block(1, 0, 5, 0, new byte[0])
            .main(bytes(head, u32(5), u32(44), u32(0), u32(0)));
    GinPage.init(page, GinPage.GIN_LIST);

    RecordOnPage.redo(redo, record, 5, page);

    assertThat(GinPage.rightlink(page)).isEqualTo(44);
    assertThat(GinPage.maxoff(page)).isZero();
  }

  @Test
  void listPage_thatIsTheTailHasFullRows() {
    RecordMaker tail = record(GinManager.INSERT_LISTPAGE);
    tail.block(0, 0, 5, WILL_INIT, tuple(16, 1)).main(bytes(u32(GinPage.INVALID_BLOCK), u32(1)));
    RecordOnPage.redo(redo, tail, 5, page);
    assertThat(GinPage.hasFlag(page, GinPage.GIN_LIST_FULLROW)).isTrue();
    assertThat(GinPage.maxoff(page)).isEqualTo(1);
    assertThat(item(page, 1)).isEqualTo(tuple(16, 1));

    RecordMaker other = record(GinManager.INSERT_LISTPAGE);
    other.block(0, 0, 5, WILL_INIT, tuple(16, 1)).main(bytes(u32(9), u32(1)));
    RecordOnPage.redo(redo, other, 5, page);
    assertThat(GinPage.hasFlag(page, GinPage.GIN_LIST_FULLROW)).isFalse();
    assertThat(GinPage.maxoff(page)).isZero();
    assertThat(GinPage.rightlink(page)).isEqualTo(9);
  }

  @Test
  void deletedListPages_areEmpty() {
    RecordMaker record =
        record(GinManager.DELETE_LISTPAGE)
            .block(0, 0, 0, WILL_INIT, new byte[0])
            .block(1, 0, 5, WILL_INIT, new byte[0])
            .block(2, 0, 6, WILL_INIT, new byte[0])
            .main(bytes(new byte[GinPage.META_BYTES], u32(1), u32(0)));

    RecordOnPage.redo(redo, record, 5, page);
    assertThat(GinPage.hasFlag(page, GinPage.GIN_DELETED)).isTrue();

    assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 6, page))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("more pages than it states");
  }

  @Test
  void entriesVacuum_withoutAnImageIsRefused() {
    RecordMaker record = record(0x40).block(0, 0, 5, 0, new byte[0]).main(new byte[1]);
    GinPage.init(page, GinPage.GIN_LEAF);

    assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 5, page))
        .isInstanceOf(RedoException.class);
  }
}
