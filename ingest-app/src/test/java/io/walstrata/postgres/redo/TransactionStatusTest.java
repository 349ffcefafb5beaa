package io.walstrata.postgres.redo;

import static io.walstrata.postgres.redo.Records.ABORT;
import static io.walstrata.postgres.redo.Records.ABORT_PREPARED;
import static io.walstrata.postgres.redo.Records.COMMIT;
import static io.walstrata.postgres.redo.Records.COMMIT_PREPARED;
import static io.walstrata.postgres.redo.Refusals.assertRefused;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.record;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static io.walstrata.postgres.wal.RecordMaker.u64;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Slru;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commit log: two bits a transaction, 32,768 a page. */
class TransactionStatusTest {
  private static final PageKey PAGE_1 = PgKeys.slru(Slru.CLOG, 1);
  private static final PageKey PAGE_2 = PgKeys.slru(Slru.CLOG, 2);
  private static final long FIRST = 32_768;

  private static int status(byte[] page, long xid) {
    int index = (int) (xid % FIRST);
    return page[index / 4] >>> index % 4 * 2 & 3;
  }

  @ParameterizedTest
  @EnumSource
  void end_setsTheBitsOfItsTransactionsAlone(PgVersion version) throws IOException {
    MadeHistory history = new MadeHistory(version);
    history.add(Records.zeroClog(version, 1));
    history.add(Records.end(COMMIT, FIRST + 1));
    history.add(Records.end(ABORT, FIRST + 2, FIRST + 7, 2 * FIRST - 1));
    byte[] page = history.bytes(PAGE_1);
    byte[] expected = new byte[8192];
    expected[0] = 1 << 2 | 2 << 4;
    expected[1] = (byte) (2 << 6);
    expected[8191] = (byte) (2 << 6);
    assertThat(page).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void end_ofAPreparedTransactionNamesItAfterAllOtherParts(PgVersion version) throws IOException {
    MadeHistory history = new MadeHistory(version);
    history.add(Records.zeroClog(version, 1));
    history.add(Records.endPrepared(version, COMMIT_PREPARED, FIRST + 4, FIRST + 5));
    history.add(Records.endPrepared(version, ABORT_PREPARED, FIRST + 6, FIRST + 7));
    byte[] page = history.bytes(PAGE_1);
    assertThat(page[1]).isEqualTo((byte) 0b10_10_01_01);
    page[1] = 0;
    assertThat(page).containsOnly(0);
  }

  @Test
  void end_ofATreeOnTwoPagesSetsOnEachItsOwn() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    history.add(Records.zeroClog(PgVersion.V18, 1));
    history.add(Records.zeroClog(PgVersion.V18, 2));
    history.add(Records.end(COMMIT, 2 * FIRST - 1, 2 * FIRST, 2 * FIRST + 1));
    assertThat(status(history.bytes(PAGE_1), 2 * FIRST - 1)).isEqualTo(1);
    byte[] second = history.bytes(PAGE_2);
    assertThat(second[0]).isEqualTo((byte) 0b0101);
    second[0] = 0;
    assertThat(second).containsOnly(0);
  }

  @Test
  void end_replacesWhatABackupFoundHalfWay() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V15);
    byte[] image = new byte[8192];
    Arrays.fill(image, (byte) 0xFF); // "subtransaction committed"
    history.image(PAGE_1, image);
    history.add(Records.end(COMMIT, FIRST + 1));
    image[0] = (byte) 0b11_11_01_11;
    assertThat(history.bytes(PAGE_1)).isEqualTo(image);
    assertThat(((RedoResult.Page) history.page(PAGE_1)).recordsApplied()).isEqualTo(1);
  }

  @Test
  void page_asOfAnEarlierLsn() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V16);
    Lsn empty = history.add(Records.zeroClog(PgVersion.V16, 1));
    Lsn one = history.add(Records.end(COMMIT, FIRST));
    history.add(Records.end(COMMIT, FIRST + 1));
    assertThat(history.bytes(PAGE_1, empty)).containsOnly(0);
    assertThat(history.bytes(PAGE_1, one)[0]).isEqualTo((byte) 1);
    assertThat(history.bytes(PAGE_1)[0]).isEqualTo((byte) 5);
  }

  @Test
  void truncate_removesWholeSegments() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    history.add(Records.zeroClog(PgVersion.V18, 1));
    history.add(record(Rmgr.CLOG.id(), 0x10).main(bytes(u64(40), u32(40 * FIRST), u32(5))));
    assertThat(history.page(PAGE_1)).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void end_withoutTheNewPageIsRefused() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    Lsn lsn = history.add(Records.end(COMMIT, FIRST + 1));
    assertRefused(history.page(PAGE_1), lsn, Reason.MISSING_BASE);
  }

  @Test
  void end_markedAsOneThatNeedsNoPageIsRefused() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    Lsn lsn = history.addTo(PAGE_1, Records.end(COMMIT, FIRST + 1), true);
    assertRefused(history.page(PAGE_1), lsn, Reason.DAMAGED_RECORD);
  }

  @Test
  void end_onAPageOfOthersIsRefused() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    history.add(Records.zeroClog(PgVersion.V18, 2));
    Lsn lsn = history.addTo(PAGE_2, Records.end(COMMIT, FIRST + 1), false);
    assertRefused(history.page(PAGE_2), lsn, Reason.DOES_NOT_FIT);
  }

  @Test
  void zeroPage_ofAnotherPageIsRefused() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    Lsn lsn = history.addTo(PAGE_2, Records.zeroClog(PgVersion.V18, 1), true);
    assertRefused(history.page(PAGE_2), lsn, Reason.UNSUPPORTED_RECORD);
  }

  @Test
  void end_withMoreSubtransactionsThanBytesIsRefused() throws IOException {
    for (long count : new long[] {2, 0x7FFFFFFFL, 0xFFFFFFFFL}) {
      MadeHistory history = new MadeHistory(PgVersion.V18);
      history.add(Records.zeroClog(PgVersion.V18, 1));
      Lsn lsn =
          history.addTo(
              PAGE_1,
              record(Rmgr.TRANSACTION.id(), 0x80)
                  .xid(FIRST)
                  .main(bytes(u64(0), u32(2), u32(count), u32(FIRST + 1))),
              false);
      assertRefused(history.page(PAGE_1), lsn, Reason.DAMAGED_RECORD);
    }
  }
}
