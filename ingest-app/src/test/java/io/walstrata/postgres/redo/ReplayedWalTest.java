package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalRecord;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
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

  /** What the check is worth: a record that is not replayed is found by the next of its page. */
  @Test
  void smallLog_withoutSomeRecords_differs() throws Exception {
    ConsistencyReplay replay = new ConsistencyReplay(EnumSet.of(Rmgr.BTREE), 1);
    List<WalRecord> records = SmallLogs.records(PgVersion.V18);
    for (int i = 0; i < records.size(); i++) {
      WalRecord record = records.get(i);
      boolean isLeftOut =
          record.rmgrId() == Rmgr.BTREE.id() && record.blocks().size() == 1 && i % 3 == 0;
      if (!isLeftOut) {
        replay.replay(record);
      }
    }
    assertThat(replay.faults()).isGreaterThan(10);
  }

  private static int compared(ConsistencyReplay replay) {
    return replay.coverage().rows().stream().mapToInt(row -> row.compared).sum();
  }
}
