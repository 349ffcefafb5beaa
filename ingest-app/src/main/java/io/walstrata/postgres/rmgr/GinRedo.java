package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.GinPage;
import io.walstrata.postgres.page.IndexTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays records of GIN indexes: of the tree of entries and of the posting trees here, of leaves
 * of posting trees in {@link GinDataLeafRedo}, of the pending list in {@link GinPendingRedo}.
 *
 * <p>The pages that SPLIT and VACUUM_PAGE build are in the record as images.
 *
 * <p>In PostgreSQL: formats {@code access/ginxlog.h}, replay {@code ginxlog.c}.
 */
final class GinRedo implements RecordRedo {
  /*
   * CREATE_PTREE: size 4 | segments
   * INSERT: flags 2 | left child 4, right child 4 if not a leaf; block 0:
   *   entry tree: offset 2 | isDelete 1, pad 1 | tuple
   *   inner page of a posting tree: offset 2 | posting item 10
   *   leaf of a posting tree: see GinDataLeafRedo
   *   blocks: 0 the page, 1 the left child whose split is now complete, if not a leaf
   * SPLIT: relation 12 | rrlink 4 | left child 4 | right child 4 | flags 2
   *   blocks: 0, 1 and 2 the new pages, 3 the left child whose split is now complete, if not a leaf
   * DELETE_PAGE: parentOffset 2, pad 2 | rightLink 4 | deleteXid 4
   *   blocks: 0 the page, 1 its parent, 2 its left sibling
   */
  private static final int INSERT_FLAGS = 0;
  private static final int INSERT_RIGHT_CHILD = 6;
  private static final int INSERT_LEFT_CHILD_BLOCK = 1;
  private static final int SPLIT_FLAGS = 24;
  private static final int SPLIT_LEFT_CHILD_BLOCK = 3;
  private static final int ENTRY_TUPLE = 4;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    int block = record.blockId();
    switch (record.type()) {
      case GinManager.CREATE_PTREE -> createPostingTree(record, block, page);
      case GinManager.INSERT -> insert(record, block, page);
      case GinManager.SPLIT -> split(record, block, page);
      case GinManager.VACUUM_DATA_LEAF_PAGE -> vacuumDataLeafPage(record, block, page);
      case GinManager.DELETE_PAGE -> deletePage(record, block, page);
      case GinManager.UPDATE_META_PAGE -> GinPendingRedo.updateMetaPage(record, block, page);
      case GinManager.INSERT_LISTPAGE -> GinPendingRedo.insertListPage(record, block, page);
      case GinManager.DELETE_LISTPAGE -> GinPendingRedo.deleteListPage(record, block, page);
      default -> throw RecordRedo.unsupported(record);
    }
    return LsnStamp.SET;
  }

  private static void createPostingTree(RecordView record, int block, Page page) {
    if (block != 0) {
      throw RecordRedo.unsupported(record);
    }
    GinPage.init(page, GinPage.GIN_DATA | GinPage.GIN_LEAF | GinPage.GIN_COMPRESSED);
    int length = record.main().i32(0);
    GinPage.setDataBytes(page, length);
    RecordTuples.copy(record.main(), 4, length, page, GinPage.DATA);
  }

  private static void insert(RecordView record, int block, Page page) {
    int flags = record.main().u16(INSERT_FLAGS);
    boolean isLeaf = (flags & GinManager.IS_LEAF) != 0;
    if (block == INSERT_LEFT_CHILD_BLOCK && !isLeaf) {
      completeSplit(page);
    } else if (block != 0) {
      throw RecordRedo.unsupported(record);
    } else if ((flags & GinManager.IS_DATA) == 0) {
      GinPage.check(page);
      insertEntry(record, isLeaf, page);
    } else if (isLeaf) {
      GinDataLeafRedo.redo(record, record.block(0).data(), page);
    } else {
      GinPage.checkData(page, isLeaf);
      insertPostingItem(record, page);
    }
  }

  private static void completeSplit(Page page) {
    GinPage.check(page);
    GinPage.clearFlag(page, GinPage.GIN_INCOMPLETE_SPLIT);
  }

  private static void insertEntry(RecordView record, boolean isLeaf, Page page) {
    ByteSpan data = record.block(0).data();
    int offset = data.u16(0);
    if (!isLeaf && record.main().u32(INSERT_RIGHT_CHILD) != GinPage.INVALID_BLOCK) {
      // The tuple of the page that was split now leads to its right half.
      int tuple = page.normalItem(offset, IndexTuple.HEADER_BYTES);
      RecordTuples.copy(record.main(), INSERT_RIGHT_CHILD, 4, page, tuple);
      page.putU16(tuple + 4, 0);
    }
    if (data.u8(2) != 0) {
      page.deleteIndexItem(offset);
    }
    int size = RecordTuples.size(record, data, ENTRY_TUPLE);
    RecordTuples.copy(data, ENTRY_TUPLE, size, page, page.insertItem(offset, size));
  }

  private static void insertPostingItem(RecordView record, Page page) {
    ByteSpan data = record.block(0).data();
    int offset = data.u16(0);
    int split = GinPage.postingItem(page, offset);
    RecordTuples.copy(record.main(), INSERT_RIGHT_CHILD, 4, page, split);
    int added = GinPage.insertPostingItem(page, offset);
    RecordTuples.copy(data, 2, GinPage.POSTING_ITEM_BYTES, page, added);
  }

  private static void split(RecordView record, int block, Page page) {
    boolean isLeaf = (record.main().u16(SPLIT_FLAGS) & GinManager.IS_LEAF) != 0;
    if (block != SPLIT_LEFT_CHILD_BLOCK || isLeaf) {
      throw RecordRedo.unsupported(record);
    }
    completeSplit(page);
  }

  private static void vacuumDataLeafPage(RecordView record, int block, Page page) {
    if (block != 0) {
      throw RecordRedo.unsupported(record);
    }
    GinDataLeafRedo.redo(record, record.block(0).data(), page);
  }

  private static void deletePage(RecordView record, int block, Page page) {
    GinPage.check(page);
    ByteSpan main = record.main();
    switch (block) {
      case 0 -> {
        GinPage.setFlag(page, GinPage.GIN_DELETED);
        GinPage.setDeleteXid(page, main.u32(8));
      }
      case 1 -> {
        GinPage.checkData(page, /* isLeaf= */ false);
        GinPage.deletePostingItem(page, main.u16(0));
      }
      case 2 -> GinPage.setRightlink(page, main.u32(4));
      default -> throw RecordRedo.unsupported(record);
    }
  }
}
