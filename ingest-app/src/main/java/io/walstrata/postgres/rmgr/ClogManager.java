package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of the commit log: whether transactions committed.
 *
 * <p>In PostgreSQL: formats {@code access/clog.h}, text {@code clogdesc.c}, replay {@code clog.c}.
 */
final class ClogManager implements ResourceManager {
  @Override
  public Rmgr rmgr() {
    return Rmgr.CLOG;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case SlruPages.ZERO_PAGE -> "ZEROPAGE";
      case SlruPages.TRUNCATE -> "TRUNCATE";
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    switch (record.type()) {
      case SlruPages.ZERO_PAGE -> out.add("page ", SlruPages.pageNumber(record));
      case SlruPages.TRUNCATE ->
          out.add(
              "page ", SlruPages.pageNumber(record), "; oldestXact ", SlruPages.oldestXid(record));
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  @Override
  public RecordRedo redo() {
    return SlruRedo.of(Slru.CLOG);
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    SlruPages.zeroOrTruncate(Slru.CLOG, record, effects);
  }
}
