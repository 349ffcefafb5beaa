package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of replication origins: the progress of what is replicated into this cluster.
 *
 * <p>In PostgreSQL: formats {@code replication/origin.h}, text {@code replorigindesc.c}, replay
 * {@code origin.c}.
 */
final class ReplicationOriginManager implements ResourceManager {
  private static final int SET = 0x00;
  private static final int DROP = 0x10;

  @Override
  public Rmgr rmgr() {
    return Rmgr.REPLICATION_ORIGIN;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case SET -> "SET";
      case DROP -> "DROP";
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case SET -> {
        out.add("set ", data.u16(8), "; lsn ", DescriptionBuilder.lsn(data.i64(0)));
        out.add("; force: ", data.u8(10));
      }
      case DROP -> out.add("drop ", data.u16(0));
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    effects.change(PgKeys.REPLICATION_ORIGINS);
  }
}
