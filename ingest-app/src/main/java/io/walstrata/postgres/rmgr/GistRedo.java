package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.GistPage;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.BlockView;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * Replays records of GiST indexes.
 *
 * <p>A split gives its new pages the node sequence number of the page that was split. The left one
 * gets its own from the record that adds the downlink of its right sibling, which refers to the
 * left one, too: it is the end of that record.
 *
 * <p>In PostgreSQL: formats {@code access/gistxlog.h}, replay {@code gistxlog.c}.
 */
final class GistRedo implements RecordRedo {
  /*
   * PAGE_UPDATE: ntodelete 2 | ntoinsert 2; block 0: offset numbers | tuples
   *   blocks: 0 the page, 1 the left child whose split is now complete
   * DELETE: horizon 4 | ntodelete 2 | isCatalogRel 1, pad 1 (16+) | offset numbers
   * PAGE_SPLIT: origrlink 4 | pad 4 | orignsn 8 | origleaf 1, pad 1 | npage 2 | markfollowright 1
   *   blocks: 0 the left child whose split is now complete, 1 to npage: count 4 | tuples
   * PAGE_DELETE: deleteXid 8 | downlinkOffset 2; blocks: 0 the page, 1 its parent
   * PAGE_REUSE and ASSIGN_LSN change no page.
   */
  private static final int UPDATE_PAGE = 0;
  private static final int UPDATE_LEFT_CHILD = 1;
  private static final int SPLIT_LEFT_CHILD = 0;
  private static final int SPLIT_FIRST_PAGE = 1;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    int block = record.blockId();
    switch (record.type()) {
      case GistManager.PAGE_UPDATE -> pageUpdate(record, block, page);
      case GistManager.DELETE -> delete(record, block, page);
      case GistManager.PAGE_SPLIT -> pageSplit(record, block, page);
      case GistManager.PAGE_DELETE -> pageDelete(record, block, page);
      default -> throw RecordRedo.unsupported(record);
    }
    return LsnStamp.SET;
  }

  /** The image of a left child was taken before its split was marked as complete. */
  @Override
  public void afterImage(RecordView record, Page page) {
    int block = record.blockId();
    boolean isLeftChild =
        switch (record.type()) {
          case GistManager.PAGE_UPDATE -> block == UPDATE_LEFT_CHILD;
          case GistManager.PAGE_SPLIT -> block == SPLIT_LEFT_CHILD;
          default -> false;
        };
    if (isLeftChild) {
      completeSplit(record, page);
    }
  }

  private static void completeSplit(RecordView record, Page page) {
    GistPage.check(page);
    GistPage.setNsn(page, record.endLsn().value());
    GistPage.clearFlag(page, GistPage.F_FOLLOW_RIGHT);
  }

  private static void pageUpdate(RecordView record, int block, Page page) {
    switch (block) {
      case UPDATE_PAGE -> {
        GistPage.check(page);
        update(record, page);
      }
      case UPDATE_LEFT_CHILD -> completeSplit(record, page);
      default -> throw RecordRedo.unsupported(record);
    }
  }

  private static void update(RecordView record, Page page) {
    ByteSpan data = record.block(UPDATE_PAGE).data();
    int deletes = record.main().u16(0);
    int inserts = record.main().u16(2);
    if (deletes == 1 && inserts == 1) {
      // The new tuple takes the place of the old one, also physically.
      int size = RecordTuples.size(record, data, 2);
      RecordTuples.copy(data, 2, size, page, page.replaceIndexItem(data.u16(0), size));
      RecordTuples.append(record, data, 2 + size, 0, page);
      return;
    }
    if (deletes > 0) {
      page.deleteIndexItems(RecordTuples.offsetNumbers(data, 0, deletes), deletes);
      if (GistPage.hasFlag(page, GistPage.F_LEAF)) {
        GistPage.setFlag(page, GistPage.F_TUPLES_DELETED);
      }
    }
    RecordTuples.append(record, data, 2 * deletes, inserts, page);
  }

  private static void delete(RecordView record, int block, Page page) {
    if (block != 0) {
      throw RecordRedo.unsupported(record);
    }
    GistPage.check(page);
    int count = record.main().u16(4);
    int at = record.version().atLeast(PgVersion.V16) ? 8 : 6;
    page.deleteIndexItems(RecordTuples.offsetNumbers(record.main(), at, count), count);
    GistPage.clearFlag(page, GistPage.F_HAS_GARBAGE);
    GistPage.setFlag(page, GistPage.F_TUPLES_DELETED);
  }

  private static void pageSplit(RecordView record, int block, Page page) {
    if (block == SPLIT_LEFT_CHILD) {
      completeSplit(record, page);
    } else {
      fillSplitPage(record, record.block(block), page);
    }
  }

  /** Builds one of the pages that the tuples were distributed to. */
  private static void fillSplitPage(RecordView record, BlockView block, Page page) {
    ByteSpan main = record.main();
    int pages = main.u16(18);
    if (block.id() > pages) {
      throw new WalException(
          record.endLsn(), "split with more pages than it states: pages=" + pages);
    }
    boolean isRoot = block.block() == GistPage.ROOT_BLOCK;
    boolean isLast = block.id() == pages;
    boolean isLeaf = main.u8(16) != 0 && !isRoot;
    GistPage.init(page, isLeaf ? GistPage.F_LEAF : 0);
    RecordTuples.append(record, block.data(), 4, block.data().u32(0), page);
    if (!isRoot) {
      GistPage.setRightlink(page, isLast ? main.u32(0) : record.block(block.id() + 1).block());
    }
    GistPage.setNsn(page, main.i64(8));
    boolean isRootSplit = record.block(SPLIT_FIRST_PAGE).block() == GistPage.ROOT_BLOCK;
    if (!isLast && !isRootSplit && main.u8(20) != 0) {
      GistPage.setFlag(page, GistPage.F_FOLLOW_RIGHT);
    }
  }

  private static void pageDelete(RecordView record, int block, Page page) {
    GistPage.check(page);
    switch (block) {
      case 0 -> GistPage.setDeleted(page, record.main().i64(0));
      case 1 -> page.deleteIndexItem(record.main().u16(8));
      default -> throw RecordRedo.unsupported(record);
    }
  }
}
