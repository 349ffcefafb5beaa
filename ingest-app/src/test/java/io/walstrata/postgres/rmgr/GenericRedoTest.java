package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.RedoTester.redo;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.page.Pages;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Seeds;
import io.walstrata.postgres.wal.WalException;
import org.junit.jupiter.api.Test;

class GenericRedoTest {
  private final Page page = Pages.empty(8);

  private static RecordMaker change(byte[] data) {
    return RecordMaker.record(20, 0).block(0, 0, 3, 0, data);
  }

  @Test
  void stretches_replaceBytes() {
    redo(
        change(bytes(u16(8190), u16(2), new byte[] {1, 2}, u16(8184), u16(1), new byte[] {3})),
        3,
        page);
    assertThat(page.bytes()).endsWith(3, 0, 0, 0, 0, 0, 1, 2);
  }

  @Test
  void hole_becomesZero() {
    page.fill(24, 8160, 9);
    redo(change(bytes(u16(12), u16(4), u16(40), u16(8000))), 3, page);
    assertThat(page.u8(39)).isEqualTo(9);
    assertThat(page.u8(40)).isEqualTo(0);
    assertThat(page.u8(7999)).isEqualTo(0);
    assertThat(page.u8(8000)).isEqualTo(9);
  }

  @Test
  void stretches_outsideOfThePage_areRefused() {
    assertThatThrownBy(() -> redo(change(bytes(u16(8191), u16(2), u16(0))), 3, page))
        .isInstanceOf(PageException.class);
    assertThatThrownBy(() -> redo(change(bytes(u16(24), u16(3), u16(0))), 3, page))
        .isInstanceOf(WalException.class);
  }

  @Test
  void header_thatIsDamagedByAChange_isRefused() {
    assertThatThrownBy(() -> redo(change(bytes(u16(12), u16(4), u16(80), u16(79))), 3, page))
        .isInstanceOf(PageException.class);
    assertThatThrownBy(() -> redo(change(bytes(u16(14), u16(2), u16(8193))), 3, page))
        .isInstanceOf(PageException.class);
  }

  @Test
  void randomRecords_areRefusedOrLeaveAPage() {
    RedoTester.fuzz(Seeds.random(), page, 10_000, random -> change(RedoTester.data(random, 40)));
  }
}
