package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalRecord;
import java.util.EnumSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the document states of the records of the small logs is what happens to them. */
class RedoTableTest {
  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void smallLog_isReplayedAsTheDocumentStates(PgVersion version) throws Exception {
    RedoTable table = RedoTable.ofDocument();
    ConsistencyReplay replay = new ConsistencyReplay(EnumSet.noneOf(Rmgr.class), 1);
    for (WalRecord record : SmallLogs.records(version)) {
      replay.replay(record);
    }
    for (RedoCoverage.Row row : replay.coverage().rows()) {
      boolean isClaimed = table.versions(row.name()).contains(version.major());
      if (row.replayed > 0) {
        assertThat(isClaimed).as(row.toString()).isTrue();
      }
      if (isClaimed) {
        assertThat(row.refusals).as(row.toString()).isEmpty();
      }
    }
  }
}
