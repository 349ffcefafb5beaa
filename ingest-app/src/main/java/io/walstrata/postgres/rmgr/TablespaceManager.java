package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of tablespaces: created, dropped.
 *
 * <p>In PostgreSQL: formats {@code commands/tablespace.h}, text {@code tblspcdesc.c}, replay {@code
 * tablespace.c}.
 */
final class TablespaceManager implements ResourceManager {
  private static final int CREATE = 0x00;
  private static final int DROP = 0x10;

  @Override
  public Rmgr rmgr() {
    return Rmgr.TABLESPACE;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case CREATE -> "CREATE";
      case DROP -> "DROP";
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    out.add(data.u32(0));
    if (record.type() == CREATE) {
      out.add(" \"", data.cString(4), "\"");
    }
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    effects.change(PgKeys.TABLESPACES);
    if (record.type() == DROP) {
      long spc = record.mainData().u32(0);
      effects.tombstone(() -> PgKeys.tablespace(spc));
    }
  }
}
