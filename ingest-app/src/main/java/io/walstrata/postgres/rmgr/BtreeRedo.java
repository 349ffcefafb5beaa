package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.BtreePage;
import io.walstrata.postgres.page.BtreeTuple;
import io.walstrata.postgres.page.IndexTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * Replays the records of B-tree indexes. The records' structures have the names of {@code
 * access/nbtxlog.h}; their layout is the same in all versions, as far as it matters to a page.
 *
 * <p>In PostgreSQL: {@code nbtxlog.c}.
 */
final class BtreeRedo implements RecordRedo {
  /** Length of {@code xl_btree_metadata} up to its last field. */
  private static final int METADATA_BYTES = 25;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    switch (record.type()) {
      case BtreeManager.INSERT_LEAF -> insert(record, page, false);
      case BtreeManager.INSERT_POST -> insert(record, page, true);
      case BtreeManager.INSERT_UPPER, BtreeManager.INSERT_META -> insertUpper(record, page);
      case BtreeManager.SPLIT_L -> BtreeSplitRedo.redo(record, page, true);
      case BtreeManager.SPLIT_R -> BtreeSplitRedo.redo(record, page, false);
      case BtreeManager.DEDUP -> dedup(record, page);
      case BtreeManager.VACUUM -> {
        deleteItems(record, page, 0);
        BtreePage.setCycleId(page, 0);
      }
      case BtreeManager.DELETE -> deleteItems(record, page, 4);
      case BtreeManager.MARK_PAGE_HALFDEAD -> markHalfDead(record, page);
      case BtreeManager.UNLINK_PAGE, BtreeManager.UNLINK_PAGE_META -> unlink(record, page);
      case BtreeManager.NEWROOT -> newRoot(record, page);
      case BtreeManager.META_CLEANUP -> restoreMeta(record, page, 0);
      default -> throw RecordRedo.unsupported(record);
    }
    return LsnStamp.SET;
  }

  /*
   * xl_btree_insert: main offnum 2. Block 0: the item; if it splits a posting list, the place in it
   * 2, and then the item as it was before.
   */
  private static void insert(RecordView record, Page page, boolean isPostingSplit) {
    if (record.blockId() != 0) {
      throw RecordRedo.unsupported(record);
    }
    BtreePage.check(page);
    ByteSpan data = record.block(0).data();
    int number = record.main().u16(0);
    int start = isPostingSplit ? 2 : 0;
    int at = insert(page, number, data, start, data.length() - start);
    if (isPostingSplit) {
      int posting = number - 1;
      long tid =
          PostingLists.split(
              page,
              page.itemOffset(posting),
              page.itemLength(posting),
              data.u16(0),
              IndexTuple.tid(page, at));
      IndexTuple.setTid(page, at, tid);
    }
  }

  /** Block 1 is the child whose split is finished, block 2 the meta page of INSERT_META. */
  private static void insertUpper(RecordView record, Page page) {
    switch (record.blockId()) {
      case 0 -> insert(record, page, false);
      case 1 -> clearIncompleteSplit(page);
      case 2 -> restoreMeta(record, page, 2);
      default -> throw RecordRedo.unsupported(record);
    }
  }

  /** Adds an item at an offset number; returns where it begins. */
  private static int insert(Page page, int number, ByteSpan data, int start, int length) {
    if (length < IndexTuple.HEADER_BYTES) {
      throw new PageException("item too short for an index tuple: length=" + length);
    }
    int at = page.insertItem(number, length);
    data.copyTo(start, page.bytes(), at, length);
    return at;
  }

  /** Adds an item after the last one; returns where it begins. */
  static int add(Page page, ByteSpan data, int start, int length) {
    return insert(page, page.maxOffset() + 1, data, start, length);
  }

  /** Adds an item of another page after the last one. */
  static void copyItem(Page from, int number, Page page) {
    int length = from.itemLength(number);
    int at = page.insertItem(page.maxOffset() + 1, length);
    System.arraycopy(from.bytes(), from.itemOffset(number), page.bytes(), at, length);
  }

  /** Returns the length of an index tuple in a record with its padding. */
  static int tupleBytes(ByteSpan data, int start) {
    int size = data.u16(start + IndexTuple.INFO) & IndexTuple.SIZE_MASK;
    if (size < IndexTuple.HEADER_BYTES) {
      throw new PageException("index tuple too short: size=" + size);
    }
    return Page.align(size);
  }

  static void clearIncompleteSplit(Page page) {
    BtreePage.check(page);
    BtreePage.clearFlag(page, BtreePage.INCOMPLETE_SPLIT);
  }

  /**
   * Fills an empty page with all its items: the data are those bytes of the page as they stood, the
   * last item first.
   */
  static void restoreItems(Page page, ByteSpan data) {
    int length = data.length();
    int count = 0;
    for (int at = 0; at < length; at += tupleBytes(data, at)) {
      count++;
    }
    int upper = page.special() - length;
    int lower = Page.HEADER_BYTES + count * Page.ITEM_ID_BYTES;
    if (upper < lower) {
      throw new PageException("items do not fit: count=" + count + ", length=" + length);
    }
    data.copyTo(0, page.bytes(), upper, length);
    page.setLower(lower);
    page.setUpper(upper);
    int at = 0;
    for (int number = count; number > 0; number--) {
      int bytes = tupleBytes(data, at);
      if (at + bytes > length) {
        throw new PageException("last item is cut off: bytes=" + bytes + ", at=" + at);
      }
      page.setItemId(number, upper + at, Page.LP_NORMAL, bytes);
      at += bytes;
    }
  }

  /*
   * xl_btree_metadata: version 4, root 4, level 4, fastroot 4, fastlevel 4,
   * last_cleanup_num_delpages 4, allequalimage 1.
   */
  private static void restoreMeta(RecordView record, Page page, int blockId) {
    if (record.blockId() != blockId) {
      throw RecordRedo.unsupported(record);
    }
    ByteSpan data = record.block(blockId).data();
    if (data.length() < METADATA_BYTES) {
      throw new WalException(record.endLsn(), "meta page too short: length=" + data.length());
    }
    BtreePage.initMeta(
        page,
        data.u32(0),
        data.u32(4),
        data.u32(8),
        data.u32(12),
        data.u32(16),
        data.u32(20),
        data.u8(24) != 0);
  }

  /*
   * xl_btree_dedup: main nintervals 2. Block 0: intervals of baseoff 2, nitems 2: so many items
   * from there on become one. The page is made again.
   */
  private static void dedup(RecordView record, Page page) {
    BtreePage.check(page);
    int intervals = record.main().u16(0);
    ByteSpan data = record.block(record.blockId()).data();
    Page old = new Page(page.bytes().clone());
    BtreePage.initAs(page, old);
    if (!BtreePage.isRightmost(old)) {
      copyItem(old, BtreePage.HIGH_KEY, page);
    }
    int next = 0;
    int last = old.maxOffset();
    for (int number = BtreePage.firstDataKey(old); number <= last; ) {
      if (next < intervals && data.u16(4 * next) == number) {
        int items = data.u16(4 * next + 2);
        if (items < 2) {
          throw new WalException(record.endLsn(), "interval too short: items=" + items);
        }
        PostingLists.merge(old, number, items, page);
        number += items;
        next++;
      } else {
        copyItem(old, number, page);
        number++;
      }
    }
    if (next != intervals) {
      throw new PageException(
          "page without the items to merge: intervals=" + intervals + ", found=" + next);
    }
    BtreePage.clearFlag(page, BtreePage.HAS_GARBAGE);
  }

  /*
   * xl_btree_vacuum, and from byte 4 on xl_btree_delete: main ndeleted 2, nupdated 2. Block 0:
   * offset numbers of the deleted items, 2 each; of the updated ones, 2 each; and for each of those
   * an xl_btree_update: ndeletedtids 2, the places of the ids in the posting list, 2 each.
   */
  private static void deleteItems(RecordView record, Page page, int countsAt) {
    BtreePage.check(page);
    ByteSpan data = record.block(record.blockId()).data();
    int deleted = record.main().u16(countsAt);
    int updated = record.main().u16(countsAt + 2);
    int offset = 2 * deleted;
    int update = offset + 2 * updated;
    for (int i = 0; i < updated; i++) {
      int ids = data.u16(update);
      PostingLists.remove(page, data.u16(offset + 2 * i), data, update + 2, ids);
      update += 2 + 2 * ids;
    }
    if (deleted > 0) {
      page.deleteIndexItems(RecordTuples.offsetNumbers(data, 0, deleted), deleted);
    }
    BtreePage.clearFlag(page, BtreePage.HAS_GARBAGE);
  }

  /*
   * xl_btree_mark_page_halfdead: poffset 2, pad 2, leafblk 4, leftblk 4, rightblk 4, topparent 4.
   * Block 0 is the leaf, block 1 the parent that loses its link to it.
   */
  private static void markHalfDead(RecordView record, Page page) {
    ByteSpan main = record.main();
    switch (record.blockId()) {
      case 0 -> initHalfDead(page, main.u32(8), main.u32(12), main.u32(16));
      case 1 -> {
        // The key stays that of the deleted page, the link becomes that of its right sibling.
        BtreePage.check(page);
        int number = main.u16(0);
        int link = page.normalItem(number, IndexTuple.HEADER_BYTES);
        int nextLink = page.normalItem(number + 1, IndexTuple.HEADER_BYTES);
        IndexTuple.setBlock(page, link, IndexTuple.block(page, nextLink));
        page.deleteIndexItem(number + 1);
      }
      default -> throw RecordRedo.unsupported(record);
    }
  }

  /** Makes a page whose only item leads to the topmost page that goes with it. */
  private static void initHalfDead(Page page, long prev, long next, long topParent) {
    BtreePage.init(page, prev, next, 0, BtreePage.HALF_DEAD | BtreePage.LEAF);
    int at = page.insertItem(BtreePage.HIGH_KEY, IndexTuple.HEADER_BYTES);
    BtreeTuple.putWithoutKey(page, at, topParent);
  }

  /*
   * xl_btree_unlink_page: leftsib 4, rightsib 4, level 4, pad 4, safexid 8, leafleftsib 4,
   * leafrightsib 4, leaftopparent 4. Block 0 is the page, 1 and 2 its siblings, 3 the leaf if the
   * page is not it, 4 the meta page.
   */
  private static void unlink(RecordView record, Page page) {
    ByteSpan main = record.main();
    long left = main.u32(0);
    long right = main.u32(4);
    switch (record.blockId()) {
      case 0 -> BtreePage.initDeleted(page, left, right, main.u32(8), main.i64(16));
      case 1 -> {
        BtreePage.check(page);
        BtreePage.setNext(page, right);
      }
      case 2 -> {
        BtreePage.check(page);
        BtreePage.setPrev(page, left);
      }
      case 3 -> initHalfDead(page, main.u32(24), main.u32(28), main.u32(32));
      default -> {
        if (record.type() != BtreeManager.UNLINK_PAGE_META) {
          throw RecordRedo.unsupported(record);
        }
        restoreMeta(record, page, 4);
      }
    }
  }

  /*
   * xl_btree_newroot: rootblk 4, level 4. Block 0 is the root, with its two items if it is no leaf;
   * block 1 its left child, block 2 the meta page.
   */
  private static void newRoot(RecordView record, Page page) {
    switch (record.blockId()) {
      case 0 -> {
        long level = record.main().u32(4);
        int flags = BtreePage.ROOT | (level == 0 ? BtreePage.LEAF : 0);
        BtreePage.init(page, BtreePage.NONE, BtreePage.NONE, level, flags);
        if (level > 0) {
          restoreItems(page, record.block(0).data());
        }
      }
      case 1 -> clearIncompleteSplit(page);
      default -> restoreMeta(record, page, 2);
    }
  }
}
