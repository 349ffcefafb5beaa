package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.BtreeTuple;
import io.walstrata.postgres.page.IndexTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;

/**
 * Changes of posting lists: B-tree tuples that stand for many heap tuples with the same key.
 *
 * <p>In PostgreSQL: {@code nbtdedup.c}.
 */
final class PostingLists {
  private static final int TID = IndexTuple.TID_BYTES;

  private PostingLists() {}

  /**
   * Puts a tuple id into a posting list that is to stay as long as it is: the last one leaves it.
   *
   * @param at where in the page the tuple with the list begins
   * @param length its item's length
   * @param position the new id's place in the list: neither the first nor one after the last
   * @return the id that left
   */
  static long split(Page page, int at, int length, int position, long tid) {
    BtreeTuple.check(page, at, length);
    int count = BtreeTuple.tidCount(page, at);
    if (!BtreeTuple.isPosting(page, at) || position <= 0 || position >= count) {
      throw new PageException(
          "posting list cannot be split: position=" + position + ", count=" + count);
    }
    int place = BtreeTuple.tids(page, at) + TID * position;
    int last = BtreeTuple.tids(page, at) + TID * (count - 1);
    long leaving = IndexTuple.tid(page, last);
    page.move(place, place + TID, last - place);
    IndexTuple.setTid(page, place, tid);
    return leaving;
  }

  /**
   * Adds to a page, after its last item, one tuple for several of another page: with the key of the
   * first and the tuple ids of all.
   *
   * @param from the other page
   * @param first offset number of the first tuple there
   * @param items how many tuples, at least 1
   */
  static void merge(Page from, int first, int items, Page page) {
    int count = 0;
    for (int number = first; number < first + items; number++) {
      int at = from.itemOffset(number);
      BtreeTuple.check(from, at, from.itemLength(number));
      count += BtreeTuple.tidCount(from, at);
    }
    int base = from.itemOffset(first);
    int keyBytes = BtreeTuple.keyBytes(from, base);
    int size = Page.align(keyBytes + TID * count);
    if (count < 2 || size > BtreeTuple.MAX_BYTES) {
      throw new PageException("no posting list of this size: count=" + count + ", size=" + size);
    }
    int at = page.insertItem(page.maxOffset() + 1, size);
    page.fill(at, size, 0);
    System.arraycopy(from.bytes(), base, page.bytes(), at, keyBytes);
    setSize(page, at, size);
    BtreeTuple.setPosting(page, at, count, keyBytes);
    int to = at + keyBytes;
    for (int number = first; number < first + items; number++) {
      int tuple = from.itemOffset(number);
      int bytes = TID * BtreeTuple.tidCount(from, tuple);
      System.arraycopy(from.bytes(), BtreeTuple.tids(from, tuple), page.bytes(), to, bytes);
      to += bytes;
    }
  }

  private static void setSize(Page page, int at, int size) {
    IndexTuple.setInfo(page, at, (IndexTuple.info(page, at) & ~IndexTuple.SIZE_MASK) | size);
  }

  /**
   * Removes some of a tuple's ids; what remains is a shorter posting list, or a tuple without one
   * if only one id is left. The items below it move.
   *
   * @param data has the places of those that go, 2 bytes each, ascending
   * @param start where in {@code data}
   * @param removed how many
   */
  static void remove(Page page, int offsetNumber, ByteSpan data, int start, int removed) {
    int at = page.itemOffset(offsetNumber);
    int length = page.itemLength(offsetNumber);
    BtreeTuple.check(page, at, length);
    int left = BtreeTuple.tidCount(page, at) - removed;
    if (!BtreeTuple.isPosting(page, at) || left <= 0) {
      throw new PageException(
          "posting list too short: offset=" + offsetNumber + ", removed=" + removed);
    }
    int keyBytes = BtreeTuple.keyBytes(page, at);
    closeUp(page, at, data, start, removed);
    int size = left == 1 ? keyBytes : Page.align(keyBytes + TID * left);
    setSize(page, at, size);
    if (left == 1) {
      IndexTuple.setTid(page, at, IndexTuple.tid(page, at + keyBytes));
      IndexTuple.setInfo(page, at, IndexTuple.info(page, at) & ~IndexTuple.AM_RESERVED);
    } else {
      BtreeTuple.setPosting(page, at, left, keyBytes);
      int end = keyBytes + TID * left;
      page.fill(at + end, size - end, 0);
    }
    // It becomes shorter at its lower end: to where it will be, before others move over it.
    page.move(at, at + Page.align(length) - size, size);
    page.replaceIndexItem(offsetNumber, size);
  }

  private static void closeUp(Page page, int at, ByteSpan data, int start, int removed) {
    int count = BtreeTuple.tidCount(page, at);
    int from = BtreeTuple.tids(page, at);
    int to = from;
    int next = 0;
    for (int i = 0; i < count; i++, from += TID) {
      if (next < removed && data.u16(start + 2 * next) == i) {
        next++;
      } else {
        IndexTuple.setTid(page, to, IndexTuple.tid(page, from));
        to += TID;
      }
    }
    if (next != removed) {
      throw new PageException(
          "posting list without the ids to remove: count=" + count + ", removed=" + removed);
    }
  }
}
