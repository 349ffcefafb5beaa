package io.walstrata.ingest.pgwal;

import io.walstrata.layerstore.page.Lsn;

/** A record whose content is needed is longer than the reader may keep. */
public final class PgRecordTooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PgRecordTooLargeException(Lsn lsn, int rmgr, int length, int limit) {
    super(
        "WAL record larger than the limit: lsn="
            + lsn
            + ", rmgr="
            + PgRmgr.label(rmgr)
            + ", bytes="
            + length
            + ", limit="
            + limit);
  }
}
