package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;

/** Items of index pages whose offset numbers are listed in records. */
final class IndexItems {
  private IndexItems() {}

  /**
   * Removes items of an index page.
   *
   * @param data has their offset numbers, 2 bytes each, ascending
   * @param start where in {@code data}
   * @param count how many
   * @see Page#deleteIndexItems
   */
  static void delete(Page page, ByteSpan data, int start, int count) {
    if (count > page.maxOffset()) {
      throw new PageException(
          "more items to delete than there are: count=" + count + ", max=" + page.maxOffset());
    }
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = data.u16(start + 2 * i);
    }
    page.deleteIndexItems(numbers, count);
  }
}
