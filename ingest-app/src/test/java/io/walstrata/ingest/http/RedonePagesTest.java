package io.walstrata.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.redo.RedoResult;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedonePagesTest {
  private static PageRead read(RedoResult result) {
    return new PageRead(
        FakeReads.TIMELINE,
        PageKey.parse("1663.5.16384.0.1"),
        FakeReads.LAST,
        FakeReads.FIRST,
        FakeReads.LAST,
        result,
        null,
        null,
        null,
        /* isFromCache= */ false,
        List.of(),
        ReadCost.NONE);
  }

  @Test
  void heapBytes_growWithThePage() {
    assertThat(RedonePages.heapBytes(read(new RedoResult.Page(new byte[8192], 0, List.of()))))
        .isEqualTo(64 << 10);
    assertThat(RedonePages.heapBytes(read(new RedoResult.Page(new byte[1 << 20], 0, List.of()))))
        .isEqualTo(8 << 20);
    assertThat(RedonePages.heapBytes(read(new RedoResult.Absent("after the end")))).isZero();
    assertThat(
            RedonePages.heapBytes(
                read(
                    new RedoResult.Refused(
                        PageKey.MIN, Lsn.INVALID, RedoResult.Reason.NOT_LOGGED, "map"))))
        .isZero();
  }
}
