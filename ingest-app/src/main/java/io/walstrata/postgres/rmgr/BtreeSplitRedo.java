package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.BtreePage;
import io.walstrata.postgres.page.IndexTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * Replays the split of a B-tree page: SPLIT_L, whose new item is on the left page, and SPLIT_R.
 *
 * <p>In PostgreSQL: {@code xl_btree_split} of {@code access/nbtxlog.h}: main data {@code level} 4,
 * {@code firstrightoff} 2, {@code newitemoff} 2, {@code postingoff} 2. Block 0 is the page that is
 * split, with its new item (if that is on the left, or splits a posting list) and its new high key;
 * block 1 the new page on its right, with all items; block 2 the page to the right of that; block 3
 * the child whose split is finished.
 */
final class BtreeSplitRedo {
  private static final int LEFT = 0;
  private static final int RIGHT = 1;
  private static final int NEXT = 2;
  private static final int CHILD = 3;

  private BtreeSplitRedo() {}

  static void redo(RecordView record, Page page, boolean isNewItemOnLeft) {
    switch (record.blockId()) {
      case LEFT -> left(record, page, isNewItemOnLeft);
      case RIGHT -> right(record, page);
      case NEXT -> {
        BtreePage.check(page);
        BtreePage.setPrev(page, record.block(RIGHT).block());
      }
      case CHILD -> BtreeRedo.clearIncompleteSplit(page);
      default -> throw RecordRedo.unsupported(record);
    }
  }

  private static boolean isLeaf(RecordView record) {
    return record.main().u32(0) == 0;
  }

  private static void right(RecordView record, Page page) {
    long next = record.hasBlock(NEXT) ? record.block(NEXT).block() : BtreePage.NONE;
    BtreePage.init(
        page,
        record.block(LEFT).block(),
        next,
        record.main().u32(0),
        isLeaf(record) ? BtreePage.LEAF : 0);
    BtreeRedo.restoreItems(page, record.block(RIGHT).data());
  }

  /*
   * The page is made again from its high key and the items that stay, so that they are in the order
   * of their offset numbers.
   */
  private static void left(RecordView record, Page page, boolean isNewItemOnLeft) {
    BtreePage.check(page);
    int firstRight = record.main().u16(4);
    int newItem = record.main().u16(6);
    int postingOffset = record.main().u16(8);
    ByteSpan data = record.block(LEFT).data();
    boolean hasNewItem = isNewItemOnLeft || postingOffset != 0;
    int newItemBytes = hasNewItem ? BtreeRedo.tupleBytes(data, 0) : 0;
    int highKeyBytes = BtreeRedo.tupleBytes(data, newItemBytes);
    if (newItemBytes + highKeyBytes != data.length()) {
      throw new WalException(
          record.endLsn(),
          "split with more than a new item and a high key: newItem="
              + newItemBytes
              + ", highKey="
              + highKeyBytes
              + ", data="
              + data.length());
    }
    Page old = new Page(page.bytes().clone());
    long newTid = hasNewItem ? tid(data) : 0;
    if (postingOffset != 0) {
      int number = newItem - 1;
      newTid =
          PostingLists.split(
              old, old.itemOffset(number), old.itemLength(number), postingOffset, newTid);
    }
    BtreePage.initAs(page, old);
    BtreeRedo.add(page, data, newItemBytes, highKeyBytes);
    int first = BtreePage.firstDataKey(old);
    for (int number = first; number <= firstRight; number++) {
      if (isNewItemOnLeft && number == newItem) {
        int at = BtreeRedo.add(page, data, 0, newItemBytes);
        IndexTuple.setTid(page, at, newTid);
      }
      if (number < firstRight) {
        BtreeRedo.copyItem(old, number, page);
      }
    }
    if (isNewItemOnLeft && (newItem < first || newItem > firstRight)) {
      throw new PageException(
          "new item is not on the left page: offset=" + newItem + ", firstRight=" + firstRight);
    }
    BtreePage.setFlags(page, BtreePage.INCOMPLETE_SPLIT | (isLeaf(record) ? BtreePage.LEAF : 0));
    BtreePage.setNext(page, record.block(RIGHT).block());
    BtreePage.setCycleId(page, 0);
  }

  private static long tid(ByteSpan tuple) {
    return tuple.u32(0) | (long) tuple.u16(4) << 32;
  }
}
