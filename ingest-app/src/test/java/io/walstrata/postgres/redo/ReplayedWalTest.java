package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.Rmgr;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Replays the small logs: each replayed page must be the one that the server logged after it. */
class ReplayedWalTest {
  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void smallLog_isReplayedAsTheServerDid(PgVersion version) throws Exception {
    ConsistencyReplay replay = new ConsistencyReplay(EnumSet.noneOf(Rmgr.class), 2);
    for (WalRecord record : SmallLogs.records(version)) {
      replay.replay(record);
    }
    assertThat(replay.faults()).as(replay.report()).isZero();
    assertThat(compared(replay)).isGreaterThan(1000);
  }

  /** A page that is not what the server has is found, whichever record it is. */
  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void smallLog_withAnotherLog_differs(PgVersion version) throws Exception {
    // The record before the last of each page is left out.
    ConsistencyReplay replay = new ConsistencyReplay(EnumSet.of(Rmgr.BTREE), 1);
    List<WalRecord> records = SmallLogs.records(version);
    for (int i = 0; i < records.size(); i++) {
      boolean isLeftOut =
          records.get(i).rmgrId() == Rmgr.BTREE.id() && records.get(i).blocks().size() == 1 && i % 3 == 0;
      if (!isLeftOut) {
        replay.replay(records.get(i));
      }
    }
    assertThat(replay.faults()).isGreaterThan(10);
  }

  private static int compared(ConsistencyReplay replay) {
    return replay.coverage().rows().stream().mapToInt(row -> row.compared).sum();
  }
}
