package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.SpGistPage;
import io.walstrata.postgres.page.SpGistPage.ItemPointer;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays records of SP-GiST indexes: insertions here, in {@link SpGistPickSplitRedo} the split of
 * a page's leaf tuples, in {@link SpGistVacuumRedo} what vacuum does.
 *
 * <p>In PostgreSQL: formats {@code access/spgxlog.h}, replay {@code spgxlog.c}.
 */
final class SpGistRedo implements RecordRedo {
  /*
   * ADD_LEAF: newPage 1 | storesNulls 1 | offnumLeaf 2 | offnumHeadLeaf 2 | offnumParent 2 |
   *   nodeI 2 | leaf tuple
   *   blocks: 0 the leaf page, 1 the parent, if offnumParent is not 0
   * MOVE_LEAFS: nMoves 2 | newPage 1 | replaceDead 1 | storesNulls 1, pad 1 | offnumParent 2 |
   *   nodeI 2, pad 2 | state 8 | deleted offset numbers | inserted ones | leaf tuples
   *   blocks: 0 the source, 1 the destination, 2 the parent
   * ADD_NODE: offnum 2 | offnumNew 2 | newPage 1 | parentBlk 1 | offnumParent 2 | nodeI 2, pad 2 |
   *   state 8 | inner tuple
   *   blocks: 0 where the tuple was, 1 where it is now if it moved, 2 the parent if another page
   * SPLIT_TUPLE: offnumPrefix 2 | offnumPostfix 2 | newPage 1 | postfixBlkSame 1 |
   *   prefix inner tuple | postfix inner tuple
   *   blocks: 0 where the prefix is, 1 where the postfix is if another page
   */
  private static final int ADD_LEAF_TUPLE = 10;
  private static final int MOVE_STATE = 12;
  private static final int MOVE_OFFSETS = MOVE_STATE + SpGistRecord.STATE_BYTES;
  private static final int ADD_NODE_STATE = 12;
  private static final int ADD_NODE_TUPLE = ADD_NODE_STATE + SpGistRecord.STATE_BYTES;
  private static final int SPLIT_PREFIX = 6;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    int block = record.blockId();
    if (!record.block(block).willInit()) {
      SpGistPage.check(page);
    }
    switch (record.type()) {
      case SpGistManager.ADD_LEAF -> addLeaf(record, block, page);
      case SpGistManager.MOVE_LEAFS -> moveLeafs(record, block, page);
      case SpGistManager.ADD_NODE -> addNode(record, block, page);
      case SpGistManager.SPLIT_TUPLE -> splitTuple(record, block, page);
      case SpGistManager.PICKSPLIT -> SpGistPickSplitRedo.redo(record, block, page);
      case SpGistManager.VACUUM_LEAF -> SpGistVacuumRedo.vacuumLeaf(record, block, page);
      case SpGistManager.VACUUM_ROOT -> SpGistVacuumRedo.vacuumRoot(record, block, page);
      case SpGistManager.VACUUM_REDIRECT -> SpGistVacuumRedo.vacuumRedirect(record, block, page);
      default -> throw RecordRedo.unsupported(record);
    }
    return LsnStamp.SET;
  }

  private static void addLeaf(RecordView record, int block, Page page) {
    ByteSpan main = record.main();
    int leaf = main.u16(2);
    int parent = main.u16(6);
    if (block == 0) {
      if (main.u8(0) != 0) {
        initLeaf(page, main.u8(1) != 0);
      }
      putLeaf(record, leaf, page);
    } else if (block == 1 && parent != 0) {
      SpGistPage.updateNodeLink(
          page, parent, main.u16(8), new ItemPointer(record.block(0).block(), leaf));
    } else {
      throw RecordRedo.unsupported(record);
    }
  }

  static void initLeaf(Page page, boolean storesNulls) {
    int nulls = storesNulls ? SpGistPage.SPGIST_NULLS : 0;
    SpGistPage.init(page, SpGistPage.SPGIST_LEAF | nulls);
  }

  private static void putLeaf(RecordView record, int leaf, Page page) {
    ByteSpan main = record.main();
    int head = main.u16(4);
    if (leaf == head) {
      // It replaces a dead tuple, which was alone in its chain.
      int size = SpGistRecord.leafSize(record, ADD_LEAF_TUPLE);
      SpGistRecord.replace(main, ADD_LEAF_TUPLE, size, page, leaf);
      return;
    }
    SpGistRecord.addLeaf(record, ADD_LEAF_TUPLE, page, leaf);
    if (head != 0) {
      // It is the second of its chain.
      SpGistPage.setNextOffset(page, head, leaf);
    }
  }

  private static void moveLeafs(RecordView record, int block, Page page) {
    ByteSpan main = record.main();
    int moves = main.u16(0);
    int inserts = main.u8(3) != 0 ? 1 : moves + 1;
    int inserted = MOVE_OFFSETS + 2 * moves;
    ItemPointer head =
        new ItemPointer(record.block(1).block(), main.u16(inserted + 2 * (inserts - 1)));
    switch (block) {
      case 0 -> {
        int[] deleted = RecordTuples.offsetNumbers(main, MOVE_OFFSETS, moves);
        boolean isBuild = SpGistRecord.isBuild(main, MOVE_STATE);
        SpGistPage.replaceByDeadTuples(
            page,
            deleted,
            isBuild ? SpGistPage.PLACEHOLDER : SpGistPage.REDIRECT,
            SpGistPage.PLACEHOLDER,
            SpGistRecord.redirection(main, MOVE_STATE, head));
      }
      case 1 -> {
        if (main.u8(2) != 0) {
          initLeaf(page, main.u8(4) != 0);
        }
        int tuple = inserted + 2 * inserts;
        for (int i = 0; i < inserts; i++) {
          tuple = SpGistRecord.addLeaf(record, tuple, page, main.u16(inserted + 2 * i));
        }
      }
      case 2 -> SpGistPage.updateNodeLink(page, main.u16(6), main.u16(8), head);
      default -> throw RecordRedo.unsupported(record);
    }
  }

  private static void addNode(RecordView record, int block, Page page) {
    ByteSpan main = record.main();
    if (!record.hasBlock(1)) {
      if (block != 0) {
        throw RecordRedo.unsupported(record);
      }
      int size = SpGistRecord.innerSize(record, ADD_NODE_TUPLE);
      SpGistRecord.replace(main, ADD_NODE_TUPLE, size, page, main.u16(0));
      return;
    }
    ItemPointer moved = new ItemPointer(record.block(1).block(), main.u16(2));
    switch (block) {
      case 0 -> {
        boolean isBuild = SpGistRecord.isBuild(main, ADD_NODE_STATE);
        SpGistPage.replaceByDeadTuple(
            page,
            main.u16(0),
            isBuild ? SpGistPage.PLACEHOLDER : SpGistPage.REDIRECT,
            SpGistRecord.redirection(main, ADD_NODE_STATE, moved));
      }
      case 1 -> {
        if (main.u8(4) != 0) {
          SpGistPage.init(page, 0);
        }
        SpGistRecord.addInner(record, ADD_NODE_TUPLE, page, moved.offsetNumber());
      }
      case 2 -> {
        // Only the link to the tuple changes.
      }
      default -> throw RecordRedo.unsupported(record);
    }
    int parentBlock = (byte) main.u8(5);
    if (block == parentBlock) {
      SpGistPage.updateNodeLink(page, main.u16(6), main.u16(8), moved);
    } else if (block == 2) {
      throw RecordRedo.unsupported(record);
    }
  }

  private static void splitTuple(RecordView record, int block, Page page) {
    ByteSpan main = record.main();
    int prefixSize = SpGistRecord.innerSize(record, SPLIT_PREFIX);
    int postfix = SPLIT_PREFIX + prefixSize;
    boolean isSamePage = main.u8(5) != 0;
    if (block == 0) {
      SpGistRecord.replace(main, SPLIT_PREFIX, prefixSize, page, main.u16(0));
    } else if (block != 1 || isSamePage) {
      throw RecordRedo.unsupported(record);
    } else if (main.u8(4) != 0) {
      SpGistPage.init(page, 0);
    }
    if (block == 1 || isSamePage) {
      SpGistRecord.addInner(record, postfix, page, main.u16(2));
    }
  }
}
