package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.rmgr.TransactionXids;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Slru;
import java.io.IOException;
import java.util.List;

/**
 * Adds commits to a page of commit timestamps. A commit is no version of such a page, because only
 * some clusters have them; it is found among the versions of the commit log's page for the same
 * transaction.
 */
final class CommitTimestamps {
  /* A page has, for each transaction: time 8 | origin 2. */
  private static final int ENTRY_BYTES = 10;
  private static final int ENTRIES = Page.BYTES / ENTRY_BYTES;
  private static final long U32 = 0xFFFFFFFFL;

  private final RedoRequest request;
  private final Page page;
  private final long pageNumber;
  private final RecordView record = new RecordView();
  private int applied;

  private CommitTimestamps(RedoRequest request, RedoResult.Page start) {
    this.request = request;
    page = new Page(start.bytes());
    PageKey key = request.key();
    pageNumber = key.rel() * Slru.PAGES_PER_SEGMENT + key.block();
    applied = start.recordsApplied();
  }

  /**
   * Returns the page with all commits up to the request's LSN.
   *
   * @param start the page of the request's own versions, of which there is one at least
   * @throws io.walstrata.postgres.wal.WalException if a record is damaged
   */
  static RedoResult add(RedoRequest request, RedoResult.Page start) throws IOException {
    Version newest = RelationHistory.newest(request);
    Lsn since = newest == null ? Lsn.INVALID : newest.lsn();
    for (ClusterSettings.Change change :
        ClusterSettings.read(request.source(), request.asOf()).changes()) {
      if (change.lsn().isAfter(since) && !change.values().tracksCommitTimestamps()) {
        return new RedoResult.Refused(
            request.key(),
            change.lsn(),
            Reason.NOT_LOGGED,
            "track_commit_timestamp was switched off after the page was made, which deletes it");
      }
    }
    return new CommitTimestamps(request, start).since(since);
  }

  private RedoResult since(Lsn lsn) throws IOException {
    long first = pageNumber * ENTRIES;
    long last = Math.min(first + ENTRIES - 1, U32);
    for (long clog = Slru.CLOG.page(first); clog <= Slru.CLOG.page(last); clog++) {
      RedoRequest commits = request.source().versions(PgKeys.slru(Slru.CLOG, clog), request.asOf());
      Lsn hidden = hiddenUpTo(commits);
      if (hidden.isAfter(lsn)) {
        return new RedoResult.Refused(
            request.key(),
            hidden,
            Reason.MISSING_BASE,
            "history no longer has the commits after the page: clog=" + clog + ", pageLsn=" + lsn);
      }
      for (Version version : commits.records()) {
        if (version.lsn().isAfter(lsn)) {
          record.read(commits.key(), version.value().bytes(), version.lsn());
          commit();
        }
      }
    }
    return new RedoResult.Page(page.bytes(), applied, List.of());
  }

  /** Returns up to which LSN an image or a tombstone hides a page's records. */
  private static Lsn hiddenUpTo(RedoRequest versions) {
    Version base = versions.base();
    Lsn droppedAt = versions.droppedAt();
    if (base != null) {
      return base.lsn();
    }
    return droppedAt == null ? Lsn.INVALID : droppedAt;
  }

  private void commit() {
    if (!TransactionXids.isCommit(record)) {
      return;
    }
    TransactionXids xids = TransactionXids.read(record);
    boolean changed = set(xids.xid(), xids.time());
    for (int i = 0; i < xids.subxids(); i++) {
      changed |= set(xids.subxid(record, i), xids.time());
    }
    applied += changed ? 1 : 0;
  }

  private boolean set(long xid, long time) {
    if (xid == 0 || Slru.COMMIT_TS.page(xid) != pageNumber) {
      return false;
    }
    int at = (int) (xid % ENTRIES) * ENTRY_BYTES;
    page.putI64(at, time);
    page.putU16(at + 8, record.origin());
    return true;
  }
}
