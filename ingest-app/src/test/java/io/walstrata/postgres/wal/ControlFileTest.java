package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ControlFileTest {
  @ParameterizedTest
  @CsvSource({
    "pg15, true, true, true",
    "pg16, false, false, false",
    "pg17, true, false, false",
    "pg18, false, true, true"
  })
  void read_ofARealServer(String directory, boolean hints, boolean timestamps, boolean checksums)
      throws IOException {
    ControlFile control = ControlFile.read(resource(directory + "/pg_control"));
    assertThat(control.logsHints()).isEqualTo(hints);
    assertThat(control.tracksCommitTimestamps()).isEqualTo(timestamps);
    assertThat(control.hasDataChecksums()).isEqualTo(checksums);
    assertThat(control.systemId() >>> 32).as("time of initdb").isGreaterThan(1_700_000_000L);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ControlFileTest.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_ofADamagedFileIsAnError(PgVersion version) {
    byte[] file = ControlFiles.make(version, true, false, true);
    assertThat(ControlFile.read(file).systemId()).isEqualTo(77);
    for (int at = 0; at < 288; at++) {
      byte[] damaged = file.clone();
      damaged[at] ^= 4;
      assertThatThrownBy(() -> ControlFile.read(damaged)).isInstanceOf(WalException.class);
    }
    for (int length = 0; length < 292; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> ControlFile.read(cut)).isInstanceOf(WalException.class);
    }
  }

  @Test
  void read_ofAnOlderVersionIsAnError() {
    byte[] file = ControlFiles.make(PgVersion.V15, true, false, true);
    LittleEndian.putI32(file, 8, 1201);
    assertThatThrownBy(() -> ControlFile.read(file))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("not supported");
  }
}
