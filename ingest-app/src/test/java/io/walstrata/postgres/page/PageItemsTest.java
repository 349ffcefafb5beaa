package io.walstrata.postgres.page;

import static io.walstrata.postgres.page.Pages.add;
import static io.walstrata.postgres.page.Pages.item;
import static io.walstrata.postgres.page.Pages.items;
import static io.walstrata.postgres.page.Pages.offsets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Items are 'a', 'b', 'c' ... of different lengths, added in this order unless stated. */
class PageItemsTest {
  /** Where the items end: the start of a special space of 16 bytes. */
  private static final int END = 8176;

  private final Page page = Pages.empty(16);

  /** Adds items of 8, 16, 24 ... bytes: 'a' is at END - 8, 'b' at END - 24, 'c' at END - 48 ... */
  private void addItems(int count) {
    for (int i = 0; i < count; i++) {
      add(page, item('a' + i, 8 * (i + 1)));
    }
  }

  private String letters() {
    StringBuilder letters = new StringBuilder();
    for (byte[] item : items(page)) {
      letters.append(item.length == 0 ? '-' : (char) item[0]);
      for (byte each : item) {
        assertThat(each).isEqualTo(item[0]);
      }
    }
    return letters.toString();
  }

  @Test
  void insertItem_movesLaterLinePointersUp() {
    addItems(3);
    int at = page.insertItem(2, 5);
    page.fill(at, 5, 'x');

    assertThat(letters()).isEqualTo("axbc");
    assertThat(offsets(page)).containsExactly(END - 8, END - 56, END - 24, END - 48);
    assertThat(page.itemLength(2)).isEqualTo(5);
    assertThat(page.lower()).isEqualTo(24 + 4 * 4);
    assertThat(page.upper()).isEqualTo(END - 56);
  }

  @ParameterizedTest
  @CsvSource({"0", "5", "-1", "2048", "65535"})
  void insertItem_refusesOffsetNumbersThatLeaveAGap(int number) {
    addItems(3);
    assertThatThrownBy(() -> page.insertItem(number, 8))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("offset=" + number);
  }

  @Test
  void insertItem_fillsThePageToTheLastByte() {
    page.insertItem(1, END - 24 - 8 - 8);
    page.insertItem(2, 1);
    assertThat(page.freeBytes()).isEqualTo(0);
    assertThatThrownBy(() -> page.insertItem(3, 1)).isInstanceOf(PageException.class);
  }

  @Test
  void putItem_usesAnUnusedLinePointer() {
    addItems(3);
    page.deleteIndexItemKeepingLine(2);
    int at = page.putItem(2, 8);
    page.fill(at, 8, 'x');

    assertThat(letters()).isEqualTo("axc");
    assertThat(page.lower()).isEqualTo(24 + 4 * 3);
  }

  @Test
  void putItem_refusesALinePointerInUse() {
    addItems(3);
    assertThatThrownBy(() -> page.putItem(2, 8))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("in use");
  }

  @Test
  void deleteIndexItem_closesTheGapAndKeepsThePhysicalOrder() {
    addItems(3);
    int at = page.insertItem(1, 8);
    page.fill(at, 8, 'x');
    page.deleteIndexItem(3);

    assertThat(letters()).isEqualTo("xac");
    assertThat(offsets(page)).containsExactly(END - 40, END - 8, END - 32);
    assertThat(page.upper()).isEqualTo(END - 40);
    assertThat(page.lower()).isEqualTo(24 + 4 * 3);
  }

  @Test
  void deleteIndexItems_ofTwo_keepsThePhysicalOrder() {
    addItems(4);
    page.fill(page.insertItem(1, 8), 8, 'x');
    page.deleteIndexItems(new int[] {2, 4}, 2);

    assertThat(letters()).isEqualTo("xbd");
    assertThat(offsets(page)).containsExactly(END - 16 - 32 - 8, END - 16, END - 16 - 32);
  }

  @Test
  void deleteIndexItems_ofThree_ordersTheItemsByOffsetNumber() {
    addItems(5);
    page.fill(page.insertItem(1, 8), 8, 'x');
    page.deleteIndexItems(new int[] {2, 4, 5}, 3);

    assertThat(letters()).isEqualTo("xbe");
    assertThat(offsets(page)).containsExactly(END - 8, END - 24, END - 64);
    assertThat(page.upper()).isEqualTo(END - 64);
    assertThat(page.lower()).isEqualTo(24 + 4 * 3);
  }

  @Test
  void deleteIndexItems_ofAll_leavesAnEmptyPage() {
    addItems(4);
    page.deleteIndexItems(new int[] {1, 2, 3, 4}, 4);
    assertThat(page.lower()).isEqualTo(24);
    assertThat(page.upper()).isEqualTo(END);
  }

  @Test
  void deleteIndexItems_refusesNumbersOutOfOrder() {
    addItems(5);
    assertThatThrownBy(() -> page.deleteIndexItems(new int[] {3, 2, 4}, 3))
        .isInstanceOf(PageException.class);
  }

  @Test
  void deleteIndexItemKeepingLine_inTheMiddle_leavesAnUnusedLinePointer() {
    addItems(3);
    page.deleteIndexItemKeepingLine(2);

    assertThat(letters()).isEqualTo("a-c");
    assertThat(page.itemId(2)).isEqualTo(0);
    assertThat(offsets(page)).containsExactly(END - 8, 0, END - 32);
    assertThat(page.upper()).isEqualTo(END - 32);
  }

  @Test
  void deleteIndexItemKeepingLine_ofTheLast_removesItsLinePointerAlone() {
    addItems(3);
    page.deleteIndexItemKeepingLine(2);
    page.deleteIndexItemKeepingLine(3);

    assertThat(letters()).isEqualTo("a-");
    assertThat(page.upper()).isEqualTo(END - 8);
  }

  @Test
  void replaceIndexItem_byAShorterOne_movesTheItemsBelowUp() {
    addItems(3);
    page.setItemId(2, page.itemId(2) | Page.LP_DEAD << 15);
    int at = page.replaceIndexItem(2, 7);
    page.fill(at, 7, 'x');

    assertThat(letters()).isEqualTo("axc");
    assertThat(offsets(page)).containsExactly(END - 8, END - 16, END - 40);
    assertThat(page.itemLength(2)).isEqualTo(7);
    assertThat(page.itemFlags(2)).isEqualTo(Page.LP_DEAD);
    assertThat(page.upper()).isEqualTo(END - 40);
  }

  @Test
  void replaceIndexItem_byALongerOne_movesTheItemsBelowDown() {
    addItems(3);
    int at = page.replaceIndexItem(2, 17);
    page.fill(at, 17, 'x');

    assertThat(letters()).isEqualTo("axc");
    assertThat(offsets(page)).containsExactly(END - 8, END - 32, END - 56);
  }

  @Test
  void replaceIndexItem_ofTheSameAlignedLength_movesNothing() {
    addItems(3);
    int at = page.replaceIndexItem(2, 10);
    page.fill(at, 10, 'x');

    assertThat(letters()).isEqualTo("axc");
    assertThat(offsets(page)).containsExactly(END - 8, END - 24, END - 48);
  }

  @Test
  void replaceIndexItem_withoutRoom_isRefused() {
    addItems(2);
    int room = page.freeBytes() + 16;
    assertThatThrownBy(() -> page.replaceIndexItem(2, room + 1)).isInstanceOf(PageException.class);
    page.replaceIndexItem(2, room);
    assertThat(page.freeBytes()).isEqualTo(0);
  }

  @Test
  void compact_leavesLinePointersWithoutItems() {
    addItems(3);
    page.setItemId(1, 2, Page.LP_REDIRECT, 0);
    page.compact();

    assertThat(letters()).isEqualTo("-bc");
    assertThat(page.itemFlags(1)).isEqualTo(Page.LP_REDIRECT);
    assertThat(offsets(page)).containsExactly(2, END - 16, END - 40);
  }

  @Test
  void items_outsideOfTheirSpace_areRefused() {
    addItems(3);
    page.setItemId(1, END - 8 + 4, Page.LP_NORMAL, 8);
    assertThatThrownBy(() -> page.deleteIndexItem(1)).isInstanceOf(PageException.class);
    assertThatThrownBy(page::compact).isInstanceOf(PageException.class);
    page.setItemId(1, 24, Page.LP_NORMAL, 8);
    assertThatThrownBy(() -> page.deleteIndexItem(3)).isInstanceOf(PageException.class);
    assertThatThrownBy(() -> page.replaceIndexItem(3, 8000)).isInstanceOf(PageException.class);
  }

  @Test
  void linePointers_ofADamagedHeader_areRefused() {
    page.setLower(65535);
    assertThatThrownBy(() -> page.itemId(2047)).isInstanceOf(PageException.class);
    assertThatThrownBy(() -> page.insertItem(1, 8)).isInstanceOf(PageException.class);
    assertThatThrownBy(page::compact).isInstanceOf(PageException.class);
  }
}
