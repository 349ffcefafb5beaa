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
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Slru;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Multixacts: where the members of each start, and the members. */
class MultiXactTest {
  private static final int ZERO_OFFSETS = 0x00;
  private static final int ZERO_MEMBERS = 0x10;

  private static PageKey offsets(long page) {
    return PgKeys.slru(Slru.MULTIXACT_OFFSETS, page);
  }

  private static PageKey members(long page) {
    return PgKeys.slru(Slru.MULTIXACT_MEMBERS, page);
  }

  private static long u32(byte[] page, int index) {
    return LittleEndian.u32(page, 4 * index);
  }

  private static MadeHistory with(PgVersion version, long offsetsPage, long membersPage) {
    MadeHistory history = new MadeHistory(version);
    history.add(Records.zeroPage(version, Rmgr.MULTIXACT, ZERO_OFFSETS, offsetsPage));
    history.add(Records.zeroPage(version, Rmgr.MULTIXACT, ZERO_MEMBERS, membersPage));
    return history;
  }

  @ParameterizedTest
  @EnumSource
  void create_setsItsOffsetAndThatOfTheNext(PgVersion version) throws IOException {
    MadeHistory history = with(version, 1, 1);
    history.add(Records.multiXact(2048 + 5, 1640, 700, 1, 701, 5, 702, 0));
    byte[] page = history.bytes(offsets(1));
    assertThat(u32(page, 5)).isEqualTo(1640);
    assertThat(u32(page, 6)).isEqualTo(1643);
    LittleEndian.putI32(page, 20, 0);
    LittleEndian.putI32(page, 24, 0);
    assertThat(page).containsOnly(0);
  }

  @ParameterizedTest
  @EnumSource
  void create_setsMembersInGroupsOfFour(PgVersion version) throws IOException {
    MadeHistory history = with(version, 1, 1);
    history.add(Records.multiXact(2048 + 5, 1636 + 3, 700, 1, 701, 5, 702, 0));
    byte[] page = history.bytes(members(1));
    byte[] expected = new byte[8192];
    expected[3] = 1;
    LittleEndian.putI32(expected, 16, 700);
    expected[20] = 5;
    LittleEndian.putI32(expected, 24, 701);
    LittleEndian.putI32(expected, 28, 702);
    assertThat(page).isEqualTo(expected);
  }

  @Test
  void create_overThePagesEndSetsOnEachItsOwn() throws IOException {
    MadeHistory history = with(PgVersion.V18, 0, 0);
    history.add(Records.zeroPage(PgVersion.V18, Rmgr.MULTIXACT, ZERO_MEMBERS, 1));
    history.add(Records.multiXact(7, 1635, 700, 4, 701, 2));
    byte[] first = history.bytes(members(0));
    assertThat(first[408 * 20 + 3]).isEqualTo((byte) 4);
    assertThat(LittleEndian.u32(first, 408 * 20 + 16)).isEqualTo(700);
    byte[] second = history.bytes(members(1));
    assertThat(second[0]).isEqualTo((byte) 2);
    assertThat(LittleEndian.u32(second, 4)).isEqualTo(701);
  }

  @Test
  void create_lastOfAPageSetsTheFirstOfTheNextPage() throws IOException {
    MadeHistory history = with(PgVersion.V17, 0, 0);
    history.add(Records.zeroPage(PgVersion.V17, Rmgr.MULTIXACT, ZERO_OFFSETS, 1));
    history.add(Records.multiXact(2047, 10, 700, 0, 701, 0));
    assertThat(u32(history.bytes(offsets(0)), 2047)).isEqualTo(10);
    assertThat(u32(history.bytes(offsets(1)), 0)).isEqualTo(12);
  }

  @Test
  void create_ofOlderMinorReleasesFindsNoNextPageAndMakesIt() throws IOException {
    MadeHistory history = with(PgVersion.V16, 0, 0);
    Lsn created = history.add(Records.multiXact(2047, 10, 700, 0, 701, 0));
    assertThat(u32(history.bytes(offsets(1), created), 0)).isEqualTo(12);
    history.add(Records.zeroPage(PgVersion.V16, Rmgr.MULTIXACT, ZERO_OFFSETS, 1));
    history.add(Records.multiXact(2048, 12, 700, 0));
    byte[] page = history.bytes(offsets(1));
    assertThat(u32(page, 0)).isEqualTo(12);
    assertThat(u32(page, 1)).isEqualTo(13);
  }

  @Test
  void create_aroundTheCircleSkipsZero() throws IOException {
    long last = 0xFFFFFFFFL;
    MadeHistory history = with(PgVersion.V18, last / 2048, last / 1636);
    history.add(Records.zeroPage(PgVersion.V18, Rmgr.MULTIXACT, ZERO_OFFSETS, 0));
    history.add(Records.zeroPage(PgVersion.V18, Rmgr.MULTIXACT, ZERO_MEMBERS, 0));
    history.add(Records.multiXact(last, last - 1, 700, 0, 701, 0));
    assertThat(u32(history.bytes(offsets(last / 2048)), 2047)).isEqualTo(last - 1);
    byte[] first = history.bytes(offsets(0));
    assertThat(u32(first, 0)).isZero();
    assertThat(u32(first, 1)).isEqualTo(1);
  }

  @Test
  void create_membersMayRunOverZero() throws IOException {
    long last = 0xFFFFFFFFL;
    MadeHistory history = with(PgVersion.V18, 0, last / 1636);
    history.add(Records.zeroPage(PgVersion.V18, Rmgr.MULTIXACT, ZERO_MEMBERS, 0));
    history.add(Records.multiXact(7, last, 700, 0, 701, 3));
    byte[] page = history.bytes(members(0));
    assertThat(page[0]).isEqualTo((byte) 3);
    assertThat(LittleEndian.u32(page, 4)).isEqualTo(701);
    assertThat(u32(history.bytes(offsets(0)), 8)).isEqualTo(1);
  }

  @Test
  void create_firstOfAClusterFindsThePagesOfInitdb() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V15);
    history.add(Records.multiXact(1, 1, 700, 1, 701, 1));
    assertThat(u32(history.bytes(offsets(0)), 1)).isEqualTo(1);
    assertThat(u32(history.bytes(offsets(0)), 2)).isEqualTo(3);
    assertThat(LittleEndian.u32(history.bytes(members(0)), 8)).isEqualTo(700);
  }

  @Test
  void create_withoutItsPageIsRefused() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V15);
    Lsn lsn = history.add(Records.multiXact(2, 3, 700, 1, 701, 1));
    assertRefused(history.page(offsets(0)), lsn, Reason.MISSING_BASE);
    assertRefused(history.page(members(0)), lsn, Reason.MISSING_BASE);
  }

  @Test
  void create_withAnUnknownStatusIsRefused() throws IOException {
    MadeHistory history = with(PgVersion.V18, 0, 0);
    Lsn lsn = history.add(Records.multiXact(7, 8, 700, 6));
    assertRefused(history.page(members(0)), lsn, Reason.DAMAGED_RECORD);
  }

  @Test
  void create_onAnotherPageIsRefused() throws IOException {
    MadeHistory history = with(PgVersion.V18, 3, 3);
    Lsn lsn = history.addTo(offsets(3), Records.multiXact(7, 8, 700, 1), false);
    history.addTo(members(3), Records.multiXact(7, 8, 700, 1), false);
    assertRefused(history.page(offsets(3)), lsn, Reason.DOES_NOT_FIT);
    assertRefused(history.page(members(3)), history.last(), Reason.DOES_NOT_FIT);
  }

  @Test
  void truncate_removesSegments() throws IOException {
    MadeHistory history = with(PgVersion.V18, 0, 0);
    history.add(
        RecordMaker.record(Rmgr.MULTIXACT.id(), 0x30)
            .main(
                RecordMaker.bytes(
                    RecordMaker.u32(5),
                    RecordMaker.u32(1),
                    RecordMaker.u32(2048 * 64),
                    RecordMaker.u32(1),
                    RecordMaker.u32(1636 * 64))));
    assertThat(history.page(offsets(0))).isInstanceOf(RedoResult.Absent.class);
    assertThat(history.page(members(0))).isInstanceOf(RedoResult.Absent.class);
  }
}
