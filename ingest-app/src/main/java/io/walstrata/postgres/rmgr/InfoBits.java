package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.HeapTuple;
import io.walstrata.postgres.page.Page;

/**
 * The bits about a tuple's xmax, as records hold them: {@code infobits_set}, one byte for what a
 * tuple has in {@code t_infomask} and {@code t_infomask2}.
 */
final class InfoBits {
  private static final int XMAX_IS_MULTI = 0x01;
  private static final int XMAX_LOCK_ONLY = 0x02;
  private static final int XMAX_EXCL_LOCK = 0x04;
  private static final int XMAX_KEYSHR_LOCK = 0x08;
  private static final int KEYS_UPDATED = 0x10;

  private InfoBits() {}

  /** Replaces all bits about xmax by those of a record. */
  static void setXmaxBits(Page page, int tuple, int infobits) {
    int infomask = HeapTuple.infomask(page, tuple) & ~(HeapTuple.XMAX_BITS | HeapTuple.MOVED);
    int infomask2 = HeapTuple.infomask2(page, tuple) & ~HeapTuple.KEYS_UPDATED;
    if ((infobits & KEYS_UPDATED) != 0) {
      infomask2 |= HeapTuple.KEYS_UPDATED;
    }
    HeapTuple.setInfomask(page, tuple, infomask | infomask(infobits));
    HeapTuple.setInfomask2(page, tuple, infomask2);
  }

  /** As above, of a tuple that is deleted or updated. */
  static void setXmaxBits(Page page, int tuple, int infobits, boolean isHotUpdate) {
    setXmaxBits(page, tuple, infobits);
    int infomask2 = HeapTuple.infomask2(page, tuple);
    HeapTuple.setInfomask2(
        page,
        tuple,
        isHotUpdate ? infomask2 | HeapTuple.HOT_UPDATED : infomask2 & ~HeapTuple.HOT_UPDATED);
  }

  private static int infomask(int infobits) {
    int infomask = 0;
    if ((infobits & XMAX_IS_MULTI) != 0) {
      infomask |= HeapTuple.XMAX_IS_MULTI;
    }
    if ((infobits & XMAX_LOCK_ONLY) != 0) {
      infomask |= HeapTuple.XMAX_LOCK_ONLY;
    }
    if ((infobits & XMAX_EXCL_LOCK) != 0) {
      infomask |= HeapTuple.XMAX_EXCL_LOCK;
    }
    if ((infobits & XMAX_KEYSHR_LOCK) != 0) {
      infomask |= HeapTuple.XMAX_KEYSHR_LOCK;
    }
    return infomask;
  }
}
