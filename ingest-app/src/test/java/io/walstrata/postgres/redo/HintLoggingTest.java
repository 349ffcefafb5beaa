package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.ControlFiles;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HintLoggingTest {
  private final List<String> assumptions = new ArrayList<>();

  private boolean isOn(MadeHistory history, PgVersion version, Lsn lsn) throws IOException {
    HintLogging hints = new HintLogging(history, history.last());
    RecordView record = new RecordView();
    byte[] bytes = RecordMaker.record(9, 0x40).main(new byte[8]).bytes(Lsn.of(1));
    record.read(
        PgKeys.CONTROL_FILE,
        WalRecord.parse(version.magic(), bytes, Lsn.of(1), lsn).toValue(),
        lsn);
    hints.isOn(record, assumptions);
    return hints.isOn(record, assumptions);
  }

  @Test
  void unknown_isTheDefaultOfTheVersionAndSaidSo() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V17);
    assertThat(isOn(history, PgVersion.V17, history.last())).isFalse();
    assertThat(assumptions)
        .containsExactly(
            "data checksums are off, the default of version 17",
            "wal_log_hints is off, the default");
    assumptions.clear();
    assertThat(isOn(history, PgVersion.V18, history.last())).isTrue();
    assertThat(assumptions).containsExactly("data checksums are on, the default of version 18");
  }

  @Test
  void parameterChange_onIsEnough() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V15);
    final Lsn before = history.last();
    Lsn on = history.add(Records.parameters(true, false));
    Lsn off = history.add(Records.parameters(false, false));
    assertThat(isOn(history, PgVersion.V15, on)).isTrue();
    assertThat(assumptions).isEmpty();
    assertThat(isOn(history, PgVersion.V15, before)).isFalse();
    assertThat(assumptions).hasSize(2);
    assumptions.clear();
    assertThat(isOn(history, PgVersion.V15, off)).isFalse();
    assertThat(assumptions).containsExactly("data checksums are off, the default of version 15");
  }

  @Test
  void controlFile_statesBoth() throws IOException {
    for (PgVersion version : PgVersion.values()) {
      MadeHistory history = new MadeHistory(version);
      Lsn lsn = history.image(PgKeys.CONTROL_FILE, ControlFiles.make(version, false, false, false));
      assertThat(isOn(history, version, lsn)).isFalse();
      lsn = history.image(PgKeys.CONTROL_FILE, ControlFiles.make(version, true, false, false));
      assertThat(isOn(history, version, lsn)).isTrue();
      lsn = history.image(PgKeys.CONTROL_FILE, ControlFiles.make(version, false, false, true));
      assertThat(isOn(history, version, lsn)).isTrue();
      assertThat(assumptions).isEmpty();
    }
  }

  @Test
  void controlFile_ofASecondBackupDoesNotHideTheFirst() throws IOException {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    byte[] off = ControlFiles.make(PgVersion.V18, false, false, false);
    byte[] checksums = ControlFiles.make(PgVersion.V18, false, false, true);
    Lsn first = history.image(PgKeys.CONTROL_FILE, off);
    Lsn second = history.image(PgKeys.CONTROL_FILE, checksums);
    assertThat(isOn(history, PgVersion.V18, first)).isFalse();
    assertThat(isOn(history, PgVersion.V18, second)).isTrue();
    assertThat(assumptions).isEmpty();
  }

  @Test
  void controlFile_thatIsDamagedIsAnError() {
    MadeHistory history = new MadeHistory(PgVersion.V18);
    Lsn lsn = history.image(PgKeys.CONTROL_FILE, new byte[300]);
    assertThatThrownBy(() -> isOn(history, PgVersion.V18, lsn)).isInstanceOf(WalException.class);
  }
}
