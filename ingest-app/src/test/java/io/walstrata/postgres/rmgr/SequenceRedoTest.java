package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.RedoTester.WILL_INIT;
import static io.walstrata.postgres.rmgr.RedoTester.built;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.Pages;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.WalException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceRedoTest {
  private static RecordMaker log(byte[] tuple) {
    return RecordMaker.record(15, 0)
        .block(0, 0, 0, WILL_INIT, new byte[0])
        .main(bytes(new byte[12], tuple));
  }

  @Test
  void log_buildsThePageWithItsTuple() {
    byte[] tuple = Pages.item('t', 41);
    Page page = built(log(tuple), 0);
    assertThat(Pages.items(page)).containsExactly(tuple);
    assertThat(page.special()).isEqualTo(8184);
    assertThat(page.u32(8184)).isEqualTo(0x1717);
    assertThat(page.upper()).isEqualTo(8184 - 48);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8200})
  void log_refusesATupleThatIsNoneOrTooLong(int length) {
    assertThatThrownBy(() -> built(log(new byte[length]), 0)).hasMessageContaining("length=");
  }

  @Test
  void log_refusesARecordWithoutReference() {
    assertThatThrownBy(() -> built(log(new byte[40]), 1)).isInstanceOf(WalException.class);
  }
}
