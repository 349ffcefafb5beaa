package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of databases: created, dropped.
 *
 * <p>In PostgreSQL: formats {@code commands/dbcommands_xlog.h}, text {@code dbasedesc.c}, replay
 * {@code dbcommands.c}.
 */
final class DatabaseManager implements ResourceManager {
  static final int CREATE_FILE_COPY = 0x00;
  private static final int CREATE_WAL_LOG = 0x10;
  private static final int DROP = 0x20;

  @Override
  public Rmgr rmgr() {
    return Rmgr.DATABASE;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case CREATE_FILE_COPY -> "CREATE_FILE_COPY";
      case CREATE_WAL_LOG -> "CREATE_WAL_LOG";
      case DROP -> "DROP";
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case CREATE_FILE_COPY -> {
        out.add("copy dir ", data.u32(12), "/", data.u32(8));
        out.add(" to ", data.u32(4), "/", data.u32(0));
      }
      case CREATE_WAL_LOG -> out.add("create dir ", data.u32(4), "/", data.u32(0));
      case DROP -> {
        out.add("dir");
        int count = data.count(4, 4);
        for (int i = 0; i < count; i++) {
          out.add(" ", data.u32(8 + 4 * i), "/", data.u32(0));
        }
      }
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  @Override
  public RecordRedo redo() {
    return new DatabaseRedo();
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    WalBytes data = record.mainData();
    long db = data.u32(0);
    effects.change(PgKeys.DATABASES);
    switch (record.type()) {
      case CREATE_FILE_COPY -> {
        long spc = data.u32(4);
        effects.init(() -> PgKeys.relationDirectory(spc, db));
        effects.init(() -> PgKeys.relationMap(spc, db));
      }
      case CREATE_WAL_LOG -> {
        long spc = data.u32(4);
        effects.init(() -> PgKeys.relationDirectory(spc, db));
      }
      case DROP -> {
        int count = data.count(4);
        for (int i = 0; i < count; i++) {
          long spc = data.u32(8 + 4 * i);
          effects.tombstone(() -> PgKeys.database(spc, db));
        }
      }
      default -> throw data.error("unknown type of Database record: info=" + record.info());
    }
  }
}
