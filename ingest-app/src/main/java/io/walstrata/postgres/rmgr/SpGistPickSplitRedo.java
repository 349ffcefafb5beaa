package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.SpGistPage;
import io.walstrata.postgres.page.SpGistPage.ItemPointer;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays PICKSPLIT records of SP-GiST indexes: leaf tuples of one page are distributed to it and
 * another one, under a new inner tuple.
 *
 * <p>In PostgreSQL: format {@code access/spgxlog.h}, replay {@code spgxlog.c}.
 */
final class SpGistPickSplitRedo {
  /*
   * isRootSplit 1, pad 1 | nDelete 2 | nInsert 2 | initSrc 1 | initDest 1 | offnumInner 2 |
   *   initInner 1 | storesNulls 1 | innerIsParent 1, pad 1 | offnumParent 2 | nodeI 2, pad 2 |
   *   state 8 | deleted offset numbers | inserted ones | for each inserted one: 0 source, 1
   *   destination | inner tuple | leaf tuples
   * blocks: 0 the source unless it is the root, 1 the destination if there is one, 2 where the
   *   inner tuple is, 3 the parent if another page
   */
  private static final int OFFNUM_INNER = 8;
  private static final int STATE = 20;
  private static final int OFFSETS = STATE + SpGistRecord.STATE_BYTES;

  private SpGistPickSplitRedo() {}

  static void redo(RecordView record, int block, Page page) {
    ByteSpan main = record.main();
    switch (block) {
      case 0 -> source(record, page);
      case 1 -> {
        if (main.u8(7) != 0) {
          SpGistRedo.initLeaf(page, main.u8(11) != 0);
        }
        addLeaves(record, /* isDestination= */ true, page);
      }
      case 2 -> inner(record, page);
      case 3 -> link(record, page);
      default -> throw RecordRedo.unsupported(record);
    }
  }

  private static void source(RecordView record, Page page) {
    ByteSpan main = record.main();
    if (main.u8(0) != 0) {
      // A root becomes an inner page: it is block 2.
      throw RecordRedo.unsupported(record);
    }
    if (main.u8(6) != 0) {
      SpGistRedo.initLeaf(page, main.u8(11) != 0);
    } else {
      boolean isBuild = SpGistRecord.isBuild(main, STATE);
      SpGistPage.replaceByDeadTuples(
          page,
          RecordTuples.offsetNumbers(main, OFFSETS, main.u16(2)),
          isBuild ? SpGistPage.PLACEHOLDER : SpGistPage.REDIRECT,
          SpGistPage.PLACEHOLDER,
          SpGistRecord.redirection(main, STATE, innerTuple(record)));
    }
    addLeaves(record, /* isDestination= */ false, page);
  }

  /** Returns where the new inner tuple is. */
  private static ItemPointer innerTuple(RecordView record) {
    return new ItemPointer(record.block(2).block(), record.main().u16(OFFNUM_INNER));
  }

  /** Returns where the offset numbers of inserted leaf tuples are in the record. */
  private static int inserted(ByteSpan main) {
    return OFFSETS + 2 * main.u16(2);
  }

  /** Returns where the new inner tuple is in the record. */
  private static int innerAt(ByteSpan main) {
    return inserted(main) + 3 * main.u16(4);
  }

  private static void addLeaves(RecordView record, boolean isDestination, Page page) {
    ByteSpan main = record.main();
    int inserts = main.u16(4);
    int offsets = inserted(main);
    int pages = offsets + 2 * inserts;
    int tuple = innerAt(main) + SpGistRecord.innerSize(record, innerAt(main));
    for (int i = 0; i < inserts; i++) {
      if (main.u8(pages + i) != 0 == isDestination) {
        tuple = SpGistRecord.addLeaf(record, tuple, page, main.u16(offsets + 2 * i));
      } else {
        tuple += SpGistRecord.leafSize(record, tuple);
      }
    }
  }

  private static void inner(RecordView record, Page page) {
    ByteSpan main = record.main();
    if (main.u8(10) != 0) {
      SpGistPage.init(page, main.u8(11) != 0 ? SpGistPage.SPGIST_NULLS : 0);
    }
    SpGistRecord.addInner(record, innerAt(main), page, main.u16(OFFNUM_INNER));
    if (main.u8(12) != 0) {
      link(record, page);
    }
  }

  /** Makes the parent's node lead to the new inner tuple. */
  private static void link(RecordView record, Page page) {
    ByteSpan main = record.main();
    SpGistPage.updateNodeLink(page, main.u16(14), main.u16(16), innerTuple(record));
  }
}
