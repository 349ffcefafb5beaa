package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records for standby servers: locks, running transactions, invalidations. They change no page.
 *
 * <p>In PostgreSQL: formats {@code storage/standbydefs.h}, text {@code standbydesc.c}, replay
 * {@code standby.c}.
 */
final class StandbyManager implements ResourceManager {
  private static final int LOCK = 0x00;
  private static final int RUNNING_XACTS = 0x10;
  private static final int INVALIDATIONS = 0x20;

  private static final int LOCK_BYTES = 12;

  @Override
  public Rmgr rmgr() {
    return Rmgr.STANDBY;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case LOCK -> "LOCK";
      case RUNNING_XACTS -> "RUNNING_XACTS";
      case INVALIDATIONS -> "INVALIDATIONS";
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case LOCK -> {
        int count = data.count(0, LOCK_BYTES);
        for (int i = 0, at = 4; i < count; i++, at += LOCK_BYTES) {
          out.add("xid ", data.u32(at), " db ", data.u32(at + 4), " rel ", data.u32(at + 8), " ");
        }
      }
      case RUNNING_XACTS -> runningXacts(record, out);
      case INVALIDATIONS ->
          Invalidations.describe(
              Invalidations.at(data, 12), data.u8(8) != 0, data.u32(0), data.u32(4), out);
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  /*
   * count 4 | subtransactions 4 | overflowed 1, pad 3 | next xid 4 | oldest running 4 |
   * latest completed 4 | xids, then those of subtransactions
   */
  private static void runningXacts(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    out.add("nextXid ", data.u32(12), " latestCompletedXid ", data.u32(20));
    out.add(" oldestRunningXid ", data.u32(16));
    int count = data.count(0);
    int subxids = data.count(4);
    xids(data, 24, count, " xacts:", out);
    boolean short15 = !record.version().atLeast(PgVersion.V16);
    out.addIf(data.u8(8) != 0, short15 ? "; subxid ovf" : "; subxid overflowed");
    xids(data, 24 + 4 * count, subxids, " subxacts:", out);
  }

  private static void xids(
      WalBytes data, int offset, int count, String name, DescriptionBuilder out) {
    if (count > 0) {
      out.add("; ", count, name);
      for (int i = 0; i < count; i++) {
        out.add(" ", data.u32(offset + 4 * i));
      }
    }
  }
}
