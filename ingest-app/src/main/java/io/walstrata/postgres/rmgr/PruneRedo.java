package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.HeapPage;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * Pruning, vacuuming and freezing. Up to 16 each has its own record; from 17 on the three records
 * have one layout, and their types only state why a record was written.
 */
final class PruneRedo {
  private static final int CLEANUP_LOCK = 0x04;
  private static final int HAS_FREEZE_PLANS = 0x10;
  private static final int HAS_REDIRECTIONS = 0x20;
  private static final int HAS_DEAD_ITEMS = 0x40;
  private static final int HAS_NOW_UNUSED_ITEMS = 0x80;
  private static final int KNOWN_FLAGS = 0xFE;

  private PruneRedo() {}

  static void redo(RecordView record, Page page) {
    HeapPage.check(page);
    if (record.version().atLeast(PgVersion.V17)) {
      pruneAndFreeze(record, page);
      return;
    }
    switch (record.type()) {
      case Heap2Manager.PRUNE -> prune(record, page);
      case Heap2Manager.VACUUM -> vacuum(record, page);
      default -> freeze(record, page);
    }
  }

  /*
   * PRUNE, up to 16: horizon 4 | redirected 2 | dead 2 [| catalog 1]. Block data: pairs of offsets
   * from, to; offsets of the dead; offsets of the unused, as many as there are.
   */
  private static void prune(RecordView record, Page page) {
    ByteSpan main = record.main();
    ByteSpan data = record.block(0).data();
    int redirected = main.u16(4);
    int dead = main.u16(6);
    int deadAt = 4 * redirected;
    int unusedAt = deadAt + 2 * dead;
    int unusedBytes = data.length() - unusedAt;
    if (unusedBytes < 0 || (unusedBytes & 1) != 0) {
      throw lengthMismatch(record, unusedAt);
    }
    redirect(page, data, 0, redirected);
    setDead(page, data, deadAt, dead);
    setUnused(page, data, unusedAt, unusedBytes / 2);
    HeapPage.repairFragmentation(page);
  }

  /** VACUUM, up to 16: unused 2. Block data: their offsets. */
  private static void vacuum(RecordView record, Page page) {
    ByteSpan data = record.block(0).data();
    int unused = record.main().u16(0);
    checkEnd(record, 2 * unused);
    setUnused(page, data, 0, unused);
    HeapPage.truncateLinePointers(page);
  }

  /** FREEZE_PAGE, up to 16: horizon 4 | tuples, or plans from 16 on, 2 [| catalog 1]. */
  private static void freeze(RecordView record, Page page) {
    int count = record.main().u16(4);
    ByteSpan data = record.block(0).data();
    int end =
        record.version().atLeast(PgVersion.V16)
            ? FreezePlans.freezeShared(page, data, 0, count, FreezePlans.BYTES * count)
            : FreezePlans.freezeEach(page, data, count);
    checkEnd(record, end);
  }

  /*
   * From 17 on: reason 1 | flags 1 [| horizon 4]. Block data, each part if it is flagged: plans
   * (count 2 | pad 2 | plans), redirected (count 2 | pairs), dead (count 2 | offsets), unused (count
   * 2 | offsets); after all, the offsets that the plans are for.
   */
  private static void pruneAndFreeze(RecordView record, Page page) {
    ByteSpan data = record.block(0).data();
    int flags = flags(record);
    int at = 0;
    int plans = 0;
    if ((flags & HAS_FREEZE_PLANS) != 0) {
      plans = data.u16(0);
      at = FreezePlans.COUNT_BYTES + FreezePlans.BYTES * plans;
    }
    int changed = 0;
    if ((flags & HAS_REDIRECTIONS) != 0) {
      int count = data.u16(at);
      redirect(page, data, at + 2, count);
      at += 2 + 4 * count;
      changed += count;
    }
    if ((flags & HAS_DEAD_ITEMS) != 0) {
      int count = data.u16(at);
      setDead(page, data, at + 2, count);
      at += 2 + 2 * count;
      changed += count;
    }
    if ((flags & HAS_NOW_UNUSED_ITEMS) != 0) {
      int count = data.u16(at);
      setUnused(page, data, at + 2, count);
      at += 2 + 2 * count;
      changed += count;
    }
    if (changed > 0) {
      reclaim(page, flags);
    }
    checkEnd(record, FreezePlans.freezeShared(page, data, FreezePlans.COUNT_BYTES, plans, at));
  }

  private static int flags(RecordView record) {
    int flags = record.main().u8(1);
    boolean moves = (flags & (HAS_REDIRECTIONS | HAS_DEAD_ITEMS)) != 0;
    if ((flags & ~KNOWN_FLAGS) != 0 || (moves && (flags & CLEANUP_LOCK) == 0)) {
      throw new WalException(record.endLsn(), "impossible flags of a prune: flags=" + flags);
    }
    return flags;
  }

  /** Without a cleanup lock tuples must stay where they are. */
  private static void reclaim(Page page, int flags) {
    if ((flags & CLEANUP_LOCK) != 0) {
      HeapPage.repairFragmentation(page);
    } else {
      HeapPage.truncateLinePointers(page);
    }
  }

  private static void redirect(Page page, ByteSpan data, int at, int count) {
    for (int i = 0; i < count; i++) {
      HeapPage.redirect(page, data.u16(at + 4 * i), data.u16(at + 4 * i + 2));
    }
  }

  private static void setDead(Page page, ByteSpan data, int at, int count) {
    for (int i = 0; i < count; i++) {
      HeapPage.setDead(page, data.u16(at + 2 * i));
    }
  }

  private static void setUnused(Page page, ByteSpan data, int at, int count) {
    for (int i = 0; i < count; i++) {
      HeapPage.setUnused(page, data.u16(at + 2 * i));
    }
  }

  private static void checkEnd(RecordView record, int end) {
    if (end != record.block(0).data().length()) {
      throw lengthMismatch(record, end);
    }
  }

  private static WalException lengthMismatch(RecordView record, int end) {
    return new WalException(
        record.endLsn(),
        "prune, vacuum or freeze does not fill its data: end="
            + end
            + ", data="
            + record.block(0).data().length());
  }
}
