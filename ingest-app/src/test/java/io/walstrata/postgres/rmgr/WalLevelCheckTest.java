package io.walstrata.postgres.rmgr;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RealWal;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalLevelCheckTest {
  private static final int STANDBY = 8;

  private final WalLevelCheck level = new WalLevelCheck(Lsn.INVALID);

  private static WalRecord at(long lsn, PgVersion version, RecordMaker maker) {
    return WalRecord.parse(
        version.magic(), maker.bytes(Lsn.of(lsn - 8)), Lsn.of(lsn), Lsn.of(lsn + 0x100));
  }

  private static RecordMaker checkpoint(int type, long redo, int level) {
    byte[] data = new byte[88];
    System.arraycopy(RecordMaker.u64(redo), 0, data, 0, 8);
    LittleEndian.putI32(data, 20, level);
    return RecordMaker.record(RecordMaker.RMGR_XLOG, type).main(data);
  }

  private static RecordMaker insert() {
    return RecordMaker.record(RecordMaker.RMGR_HEAP, 0).main(new byte[3]);
  }

  private static RecordMaker parameterChange(int walLevel) {
    byte[] data = new byte[28];
    LittleEndian.putI32(data, 20, walLevel);
    return RecordMaker.record(RecordMaker.RMGR_XLOG, 0x60).main(data);
  }

  @ParameterizedTest
  @CsvSource({
    "V15, 0, true",
    "V15, 1, false",
    "V15, 2, false",
    "V16, 0, true",
    "V17, 0, true",
    "V18, 0, true"
  })
  void parameterChange_saysTheLevel(PgVersion version, int walLevel, boolean incomplete) {
    String shown = level.look(at(0x1000, version, parameterChange(walLevel)));
    assertThat(shown != null).isEqualTo(incomplete);
  }

  @ParameterizedTest
  @CsvSource({
    "V17, 0x00, 0, true",
    "V17, 0x10, 0, true",
    "V18, 0x10, 0, true",
    "V17, 0x00, 1, false",
    "V17, 0x10, 2, false",
    // Before 17 the number is padding.
    "V15, 0x00, 0, false",
    "V16, 0x00, 0, false"
  })
  void checkpoint_saysTheLevelFrom17On(
      PgVersion version, String type, int walLevel, boolean incomplete) {
    RecordMaker checkpoint = checkpoint(Integer.decode(type), 0x1000, walLevel);
    assertThat(level.look(at(0x2000, version, checkpoint)) != null).isEqualTo(incomplete);
  }

  @Test
  void otherRecordsOf17_sayTheLevel() {
    RecordMaker redo = RecordMaker.record(RecordMaker.RMGR_XLOG, 0xE0).main(new byte[4]);
    assertThat(level.look(at(0x1000, PgVersion.V18, redo))).contains("CHECKPOINT_REDO");
    RecordMaker recovery = RecordMaker.record(RecordMaker.RMGR_XLOG, 0x90).main(new byte[24]);
    assertThat(level.look(at(0x1000, PgVersion.V17, recovery))).contains("END_OF_RECOVERY");
    assertThat(level.look(at(0x1000, PgVersion.V16, recovery))).isNull();
  }

  @Test
  void onlineCheckpointBefore17_withoutRunningTransactions_isMinimal() {
    assertThat(level.look(at(0x1000, PgVersion.V15, insert()))).isNull();
    WalRecord checkpoint = at(0x3000, PgVersion.V15, checkpoint(0x10, 0x2000, 0));
    assertThat(level.look(checkpoint)).contains("redo=0/2000");
    // The same after a resume in between: what was known then counts.
    assertThat(new WalLevelCheck(level.unprovenSince()).look(checkpoint)).isNotNull();
    assertThat(new WalLevelCheck(Lsn.INVALID).look(checkpoint)).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x10, 0x20})
  void onlineCheckpointBefore17_afterAStandbyRecord_isComplete(int type) {
    level.look(at(0x1000, PgVersion.V15, insert()));
    level.look(at(0x2100, PgVersion.V15, RecordMaker.record(STANDBY, type).main(new byte[24])));
    assertThat(level.look(at(0x3000, PgVersion.V15, checkpoint(0x10, 0x2000, 0)))).isNull();
    assertThat(level.look(at(0x5000, PgVersion.V15, checkpoint(0x10, 0x4000, 0)))).isNotNull();
  }

  @Test
  void onlineCheckpointBefore17_whoseRedoWasNotRead_saysNothing() {
    level.look(at(0x2008, PgVersion.V16, insert()));
    assertThat(level.look(at(0x3000, PgVersion.V16, checkpoint(0x10, 0x2000, 0)))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pg15", "pg16", "pg17", "pg18", "pg15-compressed"})
  void logOfRealServers_isComplete(String set) throws IOException {
    for (WalRecord record : RealWal.of(set).records()) {
      assertThat(level.look(record)).as("%s", record).isNull();
    }
  }
}
