package io.walstrata.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapPageTest {
  private final Page page = new Page(new byte[Page.BYTES]);

  HeapPageTest() {
    page.init(0);
  }

  /** Adds tuples of these lengths, each filled with its offset number. */
  private void tuples(int... lengths) {
    for (int length : lengths) {
      int number = page.maxOffset() + 1;
      int at = HeapPage.putTuple(page, number, length);
      page.fill(at, length, number);
    }
  }

  private byte[] tuple(int offsetNumber) {
    int at = page.itemOffset(offsetNumber);
    return Arrays.copyOfRange(page.bytes(), at, at + page.itemLength(offsetNumber));
  }

  @Test
  void repairFragmentation_packsTuplesInTheOrderOfLinePointers() {
    tuples(30, 40, 50);
    HeapPage.setUnused(page, 1);
    HeapPage.putTuple(page, 1, 24);
    page.fill(page.itemOffset(1), 24, 9);
    HeapPage.setDead(page, 2);

    HeapPage.repairFragmentation(page);

    assertThat(page.itemOffset(1)).isEqualTo(Page.BYTES - 24);
    assertThat(page.itemOffset(3)).isEqualTo(Page.BYTES - 24 - 56);
    assertThat(page.upper()).isEqualTo(Page.BYTES - 24 - 56);
    assertThat(tuple(1)).hasSize(24).containsOnly(9);
    assertThat(tuple(3)).hasSize(50).containsOnly(3);
    assertThat(page.itemFlags(2)).isEqualTo(Page.LP_DEAD);
    assertThat(page.hasFlag(Page.HAS_FREE_LINES)).isFalse();
  }

  @Test
  void repairFragmentation_removesUnusedLinePointersAtTheEnd() {
    tuples(30, 30, 30, 30);
    HeapPage.setUnused(page, 1);
    HeapPage.setUnused(page, 3);
    HeapPage.setUnused(page, 4);

    HeapPage.repairFragmentation(page);

    assertThat(page.maxOffset()).isEqualTo(2);
    assertThat(page.hasFlag(Page.HAS_FREE_LINES)).isTrue();
  }

  @Test
  void repairFragmentation_removesAllLinePointersOfAnEmptyPage() {
    tuples(30, 30);
    page.setFlag(Page.HAS_FREE_LINES);
    HeapPage.setUnused(page, 1);
    HeapPage.setUnused(page, 2);

    HeapPage.repairFragmentation(page);

    assertThat(page.maxOffset()).isZero();
    assertThat(page.upper()).isEqualTo(Page.BYTES);
    assertThat(page.hasFlag(Page.HAS_FREE_LINES)).isFalse();
  }

  @Test
  void truncateLinePointers_keepsTheFirstAndMovesNothing() {
    tuples(30, 30, 30);
    int upper = page.upper();
    for (int number = 1; number <= 3; number++) {
      HeapPage.setUnused(page, number);
    }

    HeapPage.truncateLinePointers(page);

    assertThat(page.maxOffset()).isEqualTo(1);
    assertThat(page.upper()).isEqualTo(upper);
    assertThat(page.hasFlag(Page.HAS_FREE_LINES)).isTrue();
  }

  @Test
  void truncateLinePointers_withoutUnusedOnesLeft_clearsTheFlag() {
    tuples(30, 30, 30);
    page.setFlag(Page.HAS_FREE_LINES);
    HeapPage.setUnused(page, 3);

    HeapPage.truncateLinePointers(page);

    assertThat(page.maxOffset()).isEqualTo(2);
    assertThat(page.hasFlag(Page.HAS_FREE_LINES)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 700, 700",
    "700, 699, 699",
    "700, 701, 700",
    "5, 4294967290, 4294967290",
    "4294967290, 5, 4294967290",
    "2, 700, 2",
  })
  void setPrunable_keepsTheOlderInTheCircleOfTransactions(long before, long xid, long after) {
    page.setPruneXid(before);

    HeapPage.setPrunable(page, xid);

    assertThat(page.pruneXid()).isEqualTo(after);
  }

  @Test
  void putTuple_afterTheLastPossibleLinePointer_isRefused() {
    for (int i = 0; i < Page.MAX_HEAP_TUPLES; i++) {
      HeapPage.putTuple(page, i + 1, 23);
    }

    assertThatThrownBy(() -> HeapPage.putTuple(page, Page.MAX_HEAP_TUPLES + 1, 0))
        .isInstanceOf(PageException.class);
  }

  @Test
  void repairFragmentation_ofMoreLinePointersThanAHeapPageHas_isRefused() {
    page.setLower(Page.HEADER_BYTES + 4 * (Page.MAX_HEAP_TUPLES + 1));

    assertThatThrownBy(() -> HeapPage.repairFragmentation(page)).isInstanceOf(PageException.class);
  }

  @Test
  void redirect_toNoLinePointer_isRefused() {
    tuples(30, 30);

    HeapPage.redirect(page, 1, 2);
    assertThat(page.itemId(1)).isEqualTo(Page.packItemId(2, Page.LP_REDIRECT, 0));
    assertThatThrownBy(() -> HeapPage.redirect(page, 1, 3)).isInstanceOf(PageException.class);
    assertThatThrownBy(() -> HeapPage.redirect(page, 1, 0)).isInstanceOf(PageException.class);
  }

  @Test
  void check_ofAPageWithSpecialSpace_refusesIt() {
    HeapPage.check(page);
    page.init(16);

    assertThatThrownBy(() -> HeapPage.check(page))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("special=8176");
  }
}
