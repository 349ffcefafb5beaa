package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.HeapTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.ByteSpan;

/**
 * How records hold what freezing does to tuples. Up to 15 for each tuple, from 16 on once for all
 * tuples that get the same.
 *
 * <pre>
 * 15:  xmax 4 | offset 2 | infomask2 2 | infomask 2 | flags 1 | pad 1
 * 16+: xmax 4 | infomask2 2 | infomask 2 | flags 1 | pad 1 | tuples 2
 * </pre>
 */
final class FreezePlans {
  /** Length of a plan, in both forms. */
  static final int BYTES = 12;

  /** From 17 on, what precedes the plans: count 2 | pad 2. */
  static final int COUNT_BYTES = 4;

  private static final int FREEZE_XVAC = 0x02;
  private static final int INVALID_XVAC = 0x04;
  private static final long FROZEN_XID = 2;

  private FreezePlans() {}

  /**
   * Freezes tuples that have a plan each.
   *
   * @return where the plans end
   */
  static int freezeEach(Page page, ByteSpan data, int count) {
    int at = 0;
    for (int i = 0; i < count; i++, at += BYTES) {
      freeze(
          page,
          data.u16(at + 4),
          data.u32(at),
          data.u16(at + 6),
          data.u16(at + 8),
          data.u8(at + 10));
    }
    return at;
  }

  /**
   * Freezes tuples that share plans.
   *
   * @param at where the plans begin
   * @param offsetsAt where the tuples' offset numbers begin, those of the first plan first
   * @return where the offset numbers end
   */
  static int freezeShared(Page page, ByteSpan data, int at, int count, int offsetsAt) {
    int next = offsetsAt;
    for (int plan = at; plan < at + BYTES * count; plan += BYTES) {
      int tuples = data.u16(plan + 10);
      for (int i = 0; i < tuples; i++, next += 2) {
        freeze(
            page,
            data.u16(next),
            data.u32(plan),
            data.u16(plan + 4),
            data.u16(plan + 6),
            data.u8(plan + 8));
      }
    }
    return next;
  }

  private static void freeze(
      Page page, int offsetNumber, long xmax, int infomask2, int infomask, int flags) {
    int tuple = page.normalItem(offsetNumber, HeapTuple.HEADER_BYTES);
    HeapTuple.setXmax(page, tuple, xmax);
    if ((flags & FREEZE_XVAC) != 0) {
      HeapTuple.setXvac(page, tuple, FROZEN_XID);
    }
    if ((flags & INVALID_XVAC) != 0) {
      HeapTuple.setXvac(page, tuple, 0);
    }
    HeapTuple.setInfomask(page, tuple, infomask);
    HeapTuple.setInfomask2(page, tuple, infomask2);
  }
}
