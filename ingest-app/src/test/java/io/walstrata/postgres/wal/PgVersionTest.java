package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PgVersionTest {
  private static final int CALLS = 1000;

  @Test
  void ofMagic_findsEachVersionAndNoOther() {
    for (PgVersion version : PgVersion.values()) {
      assertThat(PgVersion.ofMagic(version.magic())).isEqualTo(version);
    }
    assertThat(PgVersion.ofMagic(0xD111)).isNull();
  }

  @Test
  void ofMagic_allocatesNothing() throws Exception {
    assertThat(PgVersion.ofMagic(0xD118)).isEqualTo(PgVersion.V18);

    long allocated =
        Allocated.bytes(
            () -> {
              for (int i = 0; i < CALLS; i++) {
                PgVersion.ofMagic(0xD118);
              }
            });

    // One object for each call would be 16,000.
    assertThat(allocated).isLessThan(16L * CALLS);
  }
}
