package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of commit timestamps.
 *
 * <p>In PostgreSQL: formats {@code access/commit_ts.h}, text {@code committsdesc.c}, replay {@code
 * commit_ts.c}.
 */
final class CommitTsManager implements ResourceManager {
  @Override
  public Rmgr rmgr() {
    return Rmgr.COMMIT_TS;
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
      case SlruPages.ZERO_PAGE -> out.add(SlruPages.pageNumber(record));
      case SlruPages.TRUNCATE ->
          out.add(
              "pageno ", SlruPages.pageNumber(record), ", oldestXid ", SlruPages.oldestXid(record));
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  @Override
  public RecordRedo redo() {
    return SlruRedo.of(Slru.COMMIT_TS);
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    SlruPages.zeroOrTruncate(Slru.COMMIT_TS, record, effects);
  }
}
