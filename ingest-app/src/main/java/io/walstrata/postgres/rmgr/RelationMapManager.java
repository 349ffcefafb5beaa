package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of relation maps: the files in which a database keeps the file numbers of its first
 * catalogs.
 *
 * <p>In PostgreSQL: formats {@code utils/relmapper.h}, text {@code relmapdesc.c}, replay {@code
 * relmapper.c}.
 */
final class RelationMapManager implements ResourceManager {
  static final int UPDATE = 0x00;

  @Override
  public Rmgr rmgr() {
    return Rmgr.RELMAP;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return type == UPDATE ? "UPDATE" : null;
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    out.add("database ", data.u32(0), " tablespace ", data.u32(4), " size ", data.i32(8));
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    long db = record.mainData().u32(0);
    long spc = record.mainData().u32(4);
    effects.init(() -> PgKeys.relationMap(spc, db));
  }

  @Override
  public RecordRedo redo() {
    return new RelationMapRedo();
  }
}
