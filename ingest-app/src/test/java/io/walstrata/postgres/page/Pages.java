package io.walstrata.postgres.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Pages with items for tests. */
public final class Pages {
  private Pages() {}

  /** Returns an empty page with a special space. */
  public static Page empty(int specialBytes) {
    Page page = new Page(new byte[Page.BYTES]);
    page.init(specialBytes);
    return page;
  }

  /** Adds an item after the last one. */
  public static void add(Page page, byte[] item) {
    int at = page.insertItem(page.maxOffset() + 1, item.length);
    System.arraycopy(item, 0, page.bytes(), at, item.length);
  }

  /** Returns an item of one repeated byte. */
  public static byte[] item(int value, int length) {
    byte[] item = new byte[length];
    Arrays.fill(item, (byte) value);
    return item;
  }

  /** Returns an item's bytes; none if its line pointer has no item. */
  public static byte[] item(Page page, int offsetNumber) {
    int itemId = page.itemId(offsetNumber);
    if (Page.lengthOf(itemId) == 0) {
      return new byte[0];
    }
    int at = page.itemOffset(offsetNumber);
    return Arrays.copyOfRange(page.bytes(), at, at + page.itemLength(offsetNumber));
  }

  /** Returns all items, in the order of their offset numbers. */
  public static List<byte[]> items(Page page) {
    List<byte[]> items = new ArrayList<>();
    for (int number = 1; number <= page.maxOffset(); number++) {
      items.add(item(page, number));
    }
    return items;
  }

  /** Returns where the items begin, in the order of their offset numbers. */
  public static List<Integer> offsets(Page page) {
    List<Integer> offsets = new ArrayList<>();
    for (int number = 1; number <= page.maxOffset(); number++) {
      offsets.add(Page.offsetOf(page.itemId(number)));
    }
    return offsets;
  }
}
