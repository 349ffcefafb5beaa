package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;

/**
 * WAL that is not what a PostgreSQL server writes: a checksum or a length that does not match, a
 * page of another cluster, an image that does not decompress. The message states where and why.
 */
public final class WalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long lsn;
  private final String reason;

  /**
   * @param lsn start of the record or page that is wrong; {@link Lsn#INVALID} if that is not known
   * @param reason what is wrong, with facts as {@code name=value}
   */
  public WalException(Lsn lsn, String reason) {
    super("bad WAL: " + reason + (lsn.isValid() ? ", lsn=" + lsn : ""));
    this.lsn = lsn.value();
    this.reason = reason;
  }

  /** Returns the start of the record or page that is wrong, not valid if that is not known. */
  public Lsn lsn() {
    return Lsn.of(lsn);
  }

  /** Returns what is wrong, without the position. */
  public String reason() {
    return reason;
  }
}
