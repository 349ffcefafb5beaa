package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of sequences.
 *
 * <p>In PostgreSQL: formats {@code commands/sequence.h}, text {@code seqdesc.c}, replay {@code
 * sequence.c}.
 */
final class SequenceManager implements ResourceManager {
  static final int LOG = 0x00;

  @Override
  public Rmgr rmgr() {
    return Rmgr.SEQUENCE;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return type == LOG ? "LOG" : null;
  }

  @Override
  public RecordRedo redo() {
    return new SequenceRedo();
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    out.add("rel ").relation(record.mainData(), 0);
  }
}
