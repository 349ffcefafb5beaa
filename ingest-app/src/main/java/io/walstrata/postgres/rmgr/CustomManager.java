package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of an extension's own resource manager, ids 128 to 255, and of ids that are not assigned:
 * only their block references are known.
 */
final class CustomManager implements ResourceManager {
  @Override
  public Rmgr rmgr() {
    return Rmgr.CUSTOM;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return null;
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    out.add("rmid: ", record.rmgrId());
  }
}
