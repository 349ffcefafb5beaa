package io.walstrata.postgres.rmgr;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Value;
import io.walstrata.postgres.wal.BackupSpan;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.WalRecord;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WalTextTest {
  private static final WalText TEXT = new WalText(ZoneOffset.UTC);

  @Test
  void line_hasThePartsOfPgWaldump() {
    WalRecord record =
        RecordMaker.record(RecordMaker.RMGR_HEAP, 0x80)
            .xid(734)
            .block(0, 0, 7, 0, new byte[10])
            .main(new byte[] {3, 0, 8})
            .parse();
    assertThat(TEXT.line(record))
        .isEqualTo(
            "rmgr: Heap        len (rec/tot):     59/    59, tx:        734, lsn: 0/01000000, "
                + "prev 0/00800000, desc: INSERT+INIT off: 3, flags: 0x08, "
                + "blkref #0: rel 1663/5/16384 blk 7");
  }

  @Test
  void line_ofAnExtensionsRecord() {
    WalRecord record = RecordMaker.record(130, 0x50).main(new byte[3]).parse();
    assertThat(TEXT.line(record))
        .startsWith("rmgr: custom130   len ")
        .contains("desc: UNKNOWN (50) rmid: 130");
  }

  @Test
  void type_thatTheVersionDoesNotHave_isUnknown() {
    RecordMaker redo = RecordMaker.record(RecordMaker.RMGR_XLOG, 0xE0).main(new byte[4]);
    assertThat(WalText.type(redo.parse(PgVersion.V16))).isEqualTo("UNKNOWN (E0)");
    assertThat(WalText.type(redo.parse(PgVersion.V17))).isEqualTo("CHECKPOINT_REDO");
  }

  @Test
  void description_ofDamagedContents_isTheFault() {
    WalRecord record = RecordMaker.record(RecordMaker.RMGR_HEAP, 0x20).main(new byte[3]).parse();
    assertThat(TEXT.description(record)).contains("<record too short for its contents");
  }

  @Test
  void time_isInTheZone() {
    byte[] noon2026 = RecordMaker.u64(821_793_600_000_005L);
    WalRecord commit = RecordMaker.record(RecordMaker.RMGR_TRANSACTION, 0).main(noon2026).parse();
    assertThat(TEXT.description(commit)).isEqualTo("2026-01-15 12:00:00.000005 UTC");
    assertThat(new WalText(ZoneId.of("Europe/Berlin")).description(commit))
        .isEqualTo("2026-01-15 13:00:00.000005 CET");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "450, 450",
    "7385, 7385",
    "0.5, 0.5",
    "1234567, 1.23457e+06",
    "100000, 100000",
    "0.0001, 0.0001",
    "0.00001234, 1.234e-05",
    "123456.7, 123457",
    "-2.5, -2.5",
    "NaN, nan",
    "Infinity, inf",
    "-Infinity, -inf",
    "999999.5, 1e+06"
  })
  void shortest_isLikeC(double value, String expected) {
    assertThat(DescriptionBuilder.shortest(value)).isEqualTo(expected);
  }

  @Test
  void describeValue_ofRecordImageAndOpaqueBytes() {
    WalRecord record =
        RecordMaker.record(RecordMaker.RMGR_HEAP, 0).main(new byte[] {3, 0, 0}).parse();
    Lsn lsn = record.endLsn();
    assertThat(WalText.describeValue(Value.walRecord(record.toValue(), false), lsn))
        .isEqualTo("Heap INSERT off: 3, flags: 0x00");
    assertThat(WalText.describeValue(Value.image(new byte[8192]), lsn))
        .isEqualTo("image of 8192 bytes");
    assertThat(WalText.describeValue(Value.walRecord(new byte[100], true), lsn))
        .isEqualTo("record of 100 bytes");
    assertThat(WalText.describeValue(Value.walRecord(new byte[0], true), lsn))
        .isEqualTo("record of 0 bytes");
  }

  @Test
  void describeVersion_ofWhatABaseBackupHasBesidePages() {
    Lsn start = Lsn.of(0x2000028);
    Value bounds = Value.image(new BackupSpan(start, Lsn.of(0x2000158)).toValue());
    assertThat(WalText.describeVersion(PgKeys.BASE_BACKUP, start, bounds))
        .isEqualTo("base backup, start 0/2000028, consistent from 0/2000158");
    Value open = Value.image(new BackupSpan(start, Lsn.INVALID).toValue());
    assertThat(WalText.describeVersion(PgKeys.BASE_BACKUP, start, open))
        .isEqualTo("base backup, start 0/2000028, consistent from BACKUP_END in the WAL");
    assertThat(WalText.describeVersion(PgKeys.BASE_BACKUP, start, Value.image(new byte[3])))
        .isEqualTo("image of 3 bytes");
    assertThat(
            WalText.describeVersion(
                PgKeys.size(1663, 5, 16384, 0), start, Value.image(RecordMaker.u32(77))))
        .isEqualTo("size of 77 blocks");
    assertThat(
            WalText.describeVersion(
                PgKeys.block(1663, 5, 16384, 0, 1), start, Value.image(new byte[8192])))
        .isEqualTo("image of 8192 bytes");
  }
}
