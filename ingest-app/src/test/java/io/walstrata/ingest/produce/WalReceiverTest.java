package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalReceiverTest {
  /** What a server sends of a timeline after its end belongs to another history. */
  @ParameterizedTest
  @ValueSource(longs = {8192, Long.MAX_VALUE - 50, -8192})
  void logAfterTheEndOfATimeline_isNotTaken(long start) {
    ByteBuffer wal = ByteBuffer.allocate(105).position(5).slice();
    for (int length : new int[] {1, 99, 100, 101, 5000}) {
      ByteBuffer taken = WalReceiver.upTo(Lsn.of(start + length), Lsn.of(start), wal);
      assertThat(taken.remaining()).isEqualTo(Math.min(length, 100));
      assertThat(taken.arrayOffset() + taken.position()).isEqualTo(5);
    }
    assertThat(WalReceiver.upTo(Lsn.MAX, Lsn.of(start), wal).remaining()).isEqualTo(100);
  }
}
