package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;

/**
 * Why a reader has no further record.
 *
 * @param kind what it means
 * @param lsn where: the next record's start, or that of the record that is not complete
 * @param reason in words, with facts as {@code name=value}
 */
public record WalEnd(Kind kind, Lsn lsn, String reason) {
  /** What the end of the bytes means. */
  public enum Kind {
    /** More bytes are needed, and all of those given are used. */
    NEED_MORE,
    /** More bytes are needed to finish a record whose first bytes are here. */
    NEED_MORE_OF_RECORD,
    /**
     * The log ends here: what follows was never written, or is left from an older use of the file.
     */
    END_OF_LOG,
    /** The log ends within a record, or what follows its end is not blank. */
    TORN;

    /** Returns whether more bytes would help. */
    public boolean isOpen() {
      return this == NEED_MORE || this == NEED_MORE_OF_RECORD;
    }
  }

  /** Returns a sentence that states where the log ends. */
  public String sentence() {
    return switch (kind) {
      case NEED_MORE -> "log ends at " + lsn + ": end of the last segment";
      case NEED_MORE_OF_RECORD ->
          "log ends at " + lsn + ": the last record continues after the last segment";
      case END_OF_LOG -> "log ends at " + lsn + ": " + reason;
      case TORN -> "log ends at " + lsn + " within a record: " + reason;
    };
  }
}
