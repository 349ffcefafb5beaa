package io.walstrata.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.Slru;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys of a cluster's files. */
class ClusterFileTest {
  private static final long GIB = 131_072;

  private static PageKey key(String path, long index) {
    ClusterFile file = ClusterFile.of(path);
    if (file == null) {
      throw new AssertionError("becomes no version: " + path);
    }
    return file.key(index, GIB);
  }

  @Test
  void relations_haveThePagesOfTheirFork() {
    assertThat(key("base/5/16384", 7)).isEqualTo(PgKeys.block(1663, 5, 16384, 0, 7));
    assertThat(key("base/5/16384.1", 0)).isEqualTo(PgKeys.block(1663, 5, 16384, 0, GIB));
    assertThat(key("base/5/16384_vm.12", 3))
        .isEqualTo(PgKeys.block(1663, 5, 16384, 2, 12 * GIB + 3));
    assertThat(key("base/5/16384_init", 0)).isEqualTo(PgKeys.block(1663, 5, 16384, 3, 0));
    assertThat(key("global/1262_fsm", 1)).isEqualTo(PgKeys.block(1664, 0, 1262, 1, 1));
    assertThat(key("pg_tblspc/16700/PG_18_202506291/5/4294967295", 0))
        .isEqualTo(PgKeys.block(16700, 5, 4294967295L, 0, 0));
  }

  @Test
  void others_haveTheKeysThatTheWalHasForThem() {
    assertThat(key("base/5/pg_filenode.map", 0)).isEqualTo(PgKeys.relationMap(1663, 5));
    assertThat(key("global/pg_filenode.map", 0)).isEqualTo(PgKeys.relationMap(1664, 0));
    assertThat(key("global/pg_control", 0)).isEqualTo(PgKeys.CONTROL_FILE);
    assertThat(key("pg_xact/0010", 31)).isEqualTo(PgKeys.slru(Slru.CLOG, 16 * 32 + 31));
    assertThat(key("pg_multixact/members/14077", 1))
        .isEqualTo(PgKeys.slru(Slru.MULTIXACT_MEMBERS, 0x14077L * 32 + 1));
    assertThat(key("pg_multixact/offsets/000A", 0))
        .isEqualTo(PgKeys.slru(Slru.MULTIXACT_OFFSETS, 320));
    assertThat(key("pg_commit_ts/0001", 0)).isEqualTo(PgKeys.slru(Slru.COMMIT_TS, 32));
    assertThat(key("pg_twophase/000002E4", 0)).isEqualTo(PgKeys.twoPhase(0x2E4));
    assertThat(key("pg_twophase/00000001000002E4", 0)).isEqualTo(PgKeys.twoPhase(0x2E4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base/5/t3_16384",
        "base/5/PG_VERSION",
        "base/5/pg_internal.init",
        "base/5/16384.0",
        "base/5/016384",
        "base/5/16384_other",
        "base/pgsql_tmp/pgsql_tmp123.0",
        "base/5",
        "pg_wal/000000010000000000000001",
        "pg_subtrans/0000",
        "pg_serial/0000",
        "pg_notify/0000",
        "pg_xact/0000.tmp",
        "pg_multixact/members/14079",
        "pg_tblspc/16700/5/16701",
        "postgresql.conf",
        "backup_label"
      })
  void others_becomeNoVersion(String path) {
    assertThat(ClusterFile.of(path)).isNull();
  }

  @Test
  void aTablespaceThatKeysCannotHold_isRefused() {
    ClusterFile file = ClusterFile.of("pg_tblspc/70000/PG_18_202506291/5/16701");
    assertThat(file).isNotNull();
    assertThatThrownBy(() -> key("pg_tblspc/70000/PG_18_202506291/5/16701", 0))
        .isInstanceOf(UnrepresentableKeyException.class);
  }
}
