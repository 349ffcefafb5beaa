package io.walstrata.postgres.redo;

import static io.walstrata.postgres.wal.RecordMaker.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Redone;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplayTest {
  @Test
  void image_isStampedWithTheRecordsEnd_unlessThePageIsNew() throws IOException {
    byte[] page = new byte[8192];
    new Random(3).nextBytes(page);
    WalRecord record = image(page);
    byte[] made = Redone.page(record, record.block(0));
    long end = record.endLsn().value();
    for (int i = 0; i < 4; i++) {
      assertThat(made[i]).isEqualTo((byte) (end >>> 32 + 8 * i));
      assertThat(made[4 + i]).isEqualTo((byte) (end >>> 8 * i));
    }
    assertThat(Arrays.copyOfRange(made, 8, 8192)).isEqualTo(Arrays.copyOfRange(page, 8, 8192));

    byte[] blank = new byte[8192];
    assertThat(Redone.page(image(blank), image(blank).block(0))).isEqualTo(blank);
  }

  private static WalRecord image(byte[] page) {
    return record(RecordMaker.RMGR_XLOG, 0xB0)
        .image(0, 3, page, RecordMaker.IMAGE_APPLY, 0, 0)
        .parse();
  }
}
