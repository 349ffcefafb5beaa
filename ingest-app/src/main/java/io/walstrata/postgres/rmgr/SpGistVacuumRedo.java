package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.page.SpGistPage;
import io.walstrata.postgres.page.SpGistPage.ItemPointer;
import io.walstrata.postgres.page.SpGistPage.Redirection;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays the records that vacuum writes of SP-GiST indexes. Each changes one page, block 0.
 *
 * <p>In PostgreSQL: formats {@code access/spgxlog.h}, replay {@code spgxlog.c}.
 */
final class SpGistVacuumRedo {
  /*
   * VACUUM_LEAF: nDead 2 | nPlaceholder 2 | nMove 2 | nChain 2 | state 8 | offset numbers: to
   *   become dead, to become placeholders, to move from, to move to, whose next changes, that next
   * VACUUM_ROOT: nDelete 2, pad 2 | state 8 | offset numbers to delete
   * VACUUM_REDIRECT: nToPlaceholder 2 | firstPlaceholder 2 | horizon 4 | isCatalogRel 1, pad 1
   *   (16+) | offset numbers of redirections that become placeholders
   */
  private static final int LEAF_OFFSETS = 8 + SpGistRecord.STATE_BYTES;
  private static final int ROOT_OFFSETS = 4 + SpGistRecord.STATE_BYTES;

  /** No tuple becomes a redirection here. */
  private static final Redirection NONE = new Redirection(new ItemPointer(0, 0), 0);

  private SpGistVacuumRedo() {}

  static void vacuumLeaf(RecordView record, int block, Page page) {
    checkBlock(record, block);
    ByteSpan main = record.main();
    int dead = main.u16(0);
    int placeholders = main.u16(2);
    int moves = main.u16(4);
    int chains = main.u16(6);
    int at = LEAF_OFFSETS;
    kill(page, RecordTuples.offsetNumbers(main, at, dead), SpGistPage.DEAD);
    at += 2 * dead;
    kill(page, RecordTuples.offsetNumbers(main, at, placeholders), SpGistPage.PLACEHOLDER);
    at += 2 * placeholders;
    int[] from = RecordTuples.offsetNumbers(main, at, moves);
    at += 2 * moves;
    for (int i = 0; i < moves; i++) {
      swap(page, from[i], main.u16(at + 2 * i));
    }
    kill(page, from, SpGistPage.PLACEHOLDER);
    at += 2 * moves;
    for (int i = 0; i < chains; i++) {
      SpGistPage.setNextOffset(page, main.u16(at + 2 * i), main.u16(at + 2 * (chains + i)));
    }
  }

  private static void kill(Page page, int[] offsetNumbers, int state) {
    SpGistPage.replaceByDeadTuples(page, offsetNumbers, state, state, NONE);
  }

  /** Exchanges two line pointers; the tuples stay where they are. */
  private static void swap(Page page, int a, int b) {
    int itemId = page.itemId(a);
    page.setItemId(a, page.itemId(b));
    page.setItemId(b, itemId);
  }

  static void vacuumRoot(RecordView record, int block, Page page) {
    checkBlock(record, block);
    ByteSpan main = record.main();
    int count = main.u16(0);
    page.deleteIndexItems(RecordTuples.offsetNumbers(main, ROOT_OFFSETS, count), count);
  }

  static void vacuumRedirect(RecordView record, int block, Page page) {
    checkBlock(record, block);
    ByteSpan main = record.main();
    int count = main.u16(0);
    int at = record.version().atLeast(PgVersion.V16) ? 10 : 8;
    for (int i = 0; i < count; i++) {
      SpGistPage.redirectionToPlaceholder(page, main.u16(at + 2 * i));
    }
    SpGistPage.addRedirections(page, -count);
    SpGistPage.addPlaceholders(page, count);
    int first = main.u16(2);
    if (first != 0) {
      removeFrom(page, first);
    }
  }

  /** Removes the placeholders from an offset number on to the last item. */
  private static void removeFrom(Page page, int first) {
    int count = page.maxOffset() - first + 1;
    if (count < 1) {
      throw new PageException("no such line pointer: offset=" + first);
    }
    int[] offsetNumbers = new int[count];
    for (int i = 0; i < count; i++) {
      offsetNumbers[i] = first + i;
    }
    SpGistPage.addPlaceholders(page, -count);
    page.deleteIndexItems(offsetNumbers, count);
  }

  private static void checkBlock(RecordView record, int block) {
    if (block != 0) {
      throw RecordRedo.unsupported(record);
    }
  }
}
