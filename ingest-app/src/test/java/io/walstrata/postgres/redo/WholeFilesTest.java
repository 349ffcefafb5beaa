package io.walstrata.postgres.redo;

import static io.walstrata.postgres.redo.Refusals.assertRefused;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.record;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that one record holds whole: relation maps, and the state of prepared transactions. */
class WholeFilesTest {
  private static final PageKey MAP = PgKeys.relationMap(1663, 5);
  private static final PageKey STATE = PgKeys.twoPhase(777);

  private static byte[] map(PgVersion version, int fill) {
    byte[] file = new byte[version.atLeast(PgVersion.V16) ? 524 : 512];
    int crcAt = version.atLeast(PgVersion.V16) ? 520 : 504;
    Arrays.fill(file, 0, crcAt, (byte) fill);
    return withCrc(file, crcAt);
  }

  private static byte[] withCrc(byte[] file, int at) {
    CRC32C crc = new CRC32C();
    crc.update(file, 0, at);
    LittleEndian.putI32(file, at, (int) crc.getValue());
    return file;
  }

  @ParameterizedTest
  @EnumSource
  void map_isThatOfTheNewestRecord(PgVersion version) throws IOException {
    MadeHistory history = new MadeHistory(version);
    Lsn first = history.add(Records.relationMap(1663, 5, map(version, 1)));
    history.add(Records.relationMap(1663, 5, map(version, 2)));
    assertThat(history.bytes(MAP, first)).isEqualTo(map(version, 1));
    assertThat(history.bytes(MAP)).isEqualTo(map(version, 2));
  }

  @ParameterizedTest
  @EnumSource
  void map_checksumIsComputed(PgVersion version) throws IOException {
    MadeHistory history = new MadeHistory(version);
    byte[] wrong = map(version, 1);
    wrong[version.atLeast(PgVersion.V16) ? 520 : 504] ^= 1;
    history.add(Records.relationMap(1663, 5, wrong));
    assertThat(history.bytes(MAP)).isEqualTo(map(version, 1));
  }

  @Test
  void map_ofAnotherVersionsLengthIsRefused() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V15);
    Lsn lsn = history.add(Records.relationMap(1663, 5, map(PgVersion.V16, 1)));
    assertRefused(history.page(MAP), lsn, Reason.DAMAGED_RECORD);
  }

  @Test
  void map_ofAnotherDatabaseIsRefused() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V15);
    Lsn lsn = history.addTo(MAP, Records.relationMap(1663, 6, map(PgVersion.V15, 1)), true);
    assertRefused(history.page(MAP), lsn, Reason.UNSUPPORTED_RECORD);
  }

  @Test
  void map_onThatOfABackup() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    history.image(MAP, map(PgVersion.V18, 1));
    assertThat(history.bytes(MAP)).isEqualTo(map(PgVersion.V18, 1));
    history.add(Records.relationMap(1663, 5, map(PgVersion.V18, 2)));
    assertThat(history.bytes(MAP)).isEqualTo(map(PgVersion.V18, 2));
  }

  private static byte[] state(int length) {
    byte[] state = new byte[length];
    Arrays.fill(state, (byte) 9);
    LittleEndian.putI32(state, 0, 0x57F94534);
    LittleEndian.putI32(state, 4, length + 4);
    LittleEndian.putI32(state, 8, 777);
    return state;
  }

  @ParameterizedTest
  @EnumSource
  void state_isTheRecordAndItsChecksum(PgVersion version) throws IOException {
    MadeHistory history = new MadeHistory(version);
    history.add(record(Rmgr.TRANSACTION.id(), 0x10).main(state(300)));
    assertThat(history.bytes(STATE)).isEqualTo(withCrc(Arrays.copyOf(state(300), 304), 300));
  }

  @Test
  void state_isGoneAfterTheEnd() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    history.add(record(Rmgr.TRANSACTION.id(), 0x10).main(state(300)));
    history.add(Records.endPrepared(PgVersion.V18, Records.COMMIT_PREPARED, 777));
    assertThat(history.page(STATE)).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void state_withAnotherLengthOrMagicIsRefused() throws IOException {
    for (int at : new int[] {0, 4}) {
      MadeHistory history = new MadeHistory(PgVersion.V18);
      byte[] wrong = state(300);
      wrong[at]++;
      Lsn lsn = history.addTo(STATE, record(Rmgr.TRANSACTION.id(), 0x10).main(wrong), true);
      assertRefused(history.page(STATE), lsn, Reason.DAMAGED_RECORD);
    }
  }

  @Test
  void state_tooShortToNameItsTransactionIsRefused() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    Lsn lsn =
        history.addTo(
            STATE, record(Rmgr.TRANSACTION.id(), 0x10).main(bytes(u32(0x57F94534), u32(12))), true);
    assertRefused(history.page(STATE), lsn, Reason.DAMAGED_RECORD);
  }
}
