package io.walstrata.postgres.wal;

/**
 * A transaction status area: pages of fixed-size entries, numbered without a gap, 32 to a segment
 * file.
 */
public enum Slru {
  /** Two bits a transaction: in progress, committed, aborted, subtransaction committed. */
  CLOG(0, 32_768),
  /** Members of multixacts: groups of 4 flag bytes and 4 transactions. */
  MULTIXACT_MEMBERS(1, 1_636),
  /** For each multixact, 32 bits: where its members start. */
  MULTIXACT_OFFSETS(2, 2_048),
  /** Commit time and origin, 10 bytes a transaction, if {@code track_commit_timestamp} is on. */
  COMMIT_TS(3, 819);

  public static final int PAGES_PER_SEGMENT = 32;

  private final int id;
  private final int entriesPerPage;

  Slru(int id, int entriesPerPage) {
    this.id = id;
    this.entriesPerPage = entriesPerPage;
  }

  /** Returns the number in keys. */
  public int id() {
    return id;
  }

  /** Returns the number of the page that holds an entry, unsigned 32 bits. */
  public long page(long entry) {
    return entry / entriesPerPage;
  }

  /** Returns the number of the segment that holds an entry. */
  public long segment(long entry) {
    return page(entry) / PAGES_PER_SEGMENT;
  }

  /** Returns the number of segments that 2^32 entries take. */
  public long allSegments() {
    return segment(0xFFFFFFFFL) + 1;
  }
}
