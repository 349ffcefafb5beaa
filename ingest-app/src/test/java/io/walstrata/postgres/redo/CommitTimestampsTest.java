package io.walstrata.postgres.redo;

import static io.walstrata.postgres.redo.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Slru;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Commit timestamps: 10 bytes a transaction, 819 a page, from the records of the commit log. */
class CommitTimestampsTest {
  private static final long FIRST = 819;
  private static final PageKey PAGE = PgKeys.slru(Slru.COMMIT_TS, 1);

  private static MadeHistory with(PgVersion version) {
    MadeHistory history = new MadeHistory(version);
    history.add(Records.zeroPage(version, Rmgr.COMMIT_TS, 0x00, 1));
    // It has a transaction, as one that needs the page makes it, but is not its end.
    history.add(Records.zeroClog(version, 0).xid(FIRST + 9));
    return history;
  }

  private static void put(byte[] page, long xid, long time) {
    int at = (int) (xid - FIRST) * 10;
    LittleEndian.putI32(page, at, (int) time);
    LittleEndian.putI32(page, at + 4, (int) (time >>> 32));
  }

  @ParameterizedTest
  @EnumSource
  void commit_setsTheTimeOfItsTransactions(PgVersion version) throws IOException {
    MadeHistory history = with(version);
    history.add(Records.end(Records.COMMIT, FIRST, FIRST + 1, 2 * FIRST, 2 * FIRST - 1));
    history.add(Records.end(Records.ABORT, FIRST + 2));
    history.add(Records.endPrepared(version, Records.COMMIT_PREPARED, FIRST + 3));
    byte[] expected = new byte[8192];
    put(expected, FIRST, Records.TIME);
    put(expected, FIRST + 1, Records.TIME);
    put(expected, 2 * FIRST - 1, Records.TIME);
    put(expected, FIRST + 3, Records.TIME + 1); // the time at its origin
    assertThat(history.bytes(PAGE)).isEqualTo(expected);
  }

  @Test
  void commit_beforeTheBackupIsInItsPage() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    history.add(Records.zeroClog(PgVersion.V18, 0));
    history.add(Records.end(Records.COMMIT, FIRST));
    history.image(PAGE, new byte[8192]);
    history.add(Records.end(Records.COMMIT, FIRST + 1));
    byte[] expected = new byte[8192];
    put(expected, FIRST + 1, Records.TIME);
    assertThat(history.bytes(PAGE)).isEqualTo(expected);
  }

  @Test
  void page_thatTheSwitchDeletedIsRefused() throws IOException {
    MadeHistory history = with(PgVersion.V18);
    history.add(Records.parameters(false, true));
    history.add(Records.end(Records.COMMIT, FIRST));
    assertThat(history.page(PAGE)).isInstanceOf(RedoResult.Page.class);
    Lsn off = history.add(Records.parameters(false, false));
    assertRefused(history.page(PAGE), off, Reason.NOT_LOGGED);
  }

  @Test
  void page_whoseCommitsAnImageHidesIsRefused() throws IOException {
    MadeHistory history = with(PgVersion.V18);
    history.add(Records.end(Records.COMMIT, FIRST));
    Lsn image = history.image(PgKeys.slru(Slru.CLOG, 0), new byte[8192]);
    assertRefused(history.page(PAGE), image, Reason.MISSING_BASE);
  }

  @Test
  void page_ofAClusterWithoutThemIsNotKnown() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    history.add(Records.zeroClog(PgVersion.V18, 0));
    history.add(Records.end(Records.COMMIT, FIRST));
    assertRefused(history.page(PAGE), Lsn.INVALID, Reason.BEFORE_HISTORY);
  }
}
