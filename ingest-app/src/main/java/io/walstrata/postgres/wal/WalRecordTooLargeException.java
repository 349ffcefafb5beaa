package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;

/** A record whose content is needed is longer than the reader may keep. */
public final class WalRecordTooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WalRecordTooLargeException(Lsn lsn, int rmgr, int length, int limit) {
    super(
        "WAL record larger than the limit: lsn="
            + lsn
            + ", rmgr="
            + Rmgr.label(rmgr)
            + ", bytes="
            + length
            + ", limit="
            + limit);
  }
}
