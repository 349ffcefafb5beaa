package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of index methods of extensions that log the bytes they change.
 *
 * <p>In PostgreSQL: formats {@code access/generic_xlog.h}, text {@code genericdesc.c}, replay
 * {@code generic_xlog.c}.
 */
final class GenericManager implements ResourceManager {
  @Override
  public Rmgr rmgr() {
    return Rmgr.GENERIC;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return "Generic";
  }

  @Override
  public RecordRedo redo() {
    return new GenericRedo();
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    for (int at = 0; at < data.length(); ) {
      int length = data.u16(at + 2);
      out.add("offset ", data.u16(at), ", length ", length);
      at += 4 + length;
      out.addIf(at < data.length(), "; ");
    }
  }
}
