package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.IndexTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * Index tuples and offset numbers as records of several index types hold them: one after the other,
 * not aligned.
 *
 * <p>In PostgreSQL: {@code access/itup.h}.
 */
final class RecordTuples {
  private RecordTuples() {}

  /**
   * Returns the length of the index tuple at an offset, which the record has as a whole.
   *
   * @throws WalException if the record has no such tuple there
   */
  static int size(RecordView record, ByteSpan from, int at) {
    int size = from.u16(at + IndexTuple.INFO) & IndexTuple.SIZE_MASK;
    if (size < IndexTuple.HEADER_BYTES || size > from.length() - at) {
      throw new WalException(
          record.endLsn(), "tuple does not fit into its record: offset=" + at + ", size=" + size);
    }
    return size;
  }

  /**
   * Adds all tuples from an offset to the end of the span after the last item of a page.
   *
   * @param expected how many there must be
   * @throws PageException if they have no room
   * @throws WalException if there are more or fewer
   */
  static void append(RecordView record, ByteSpan from, int at, long expected, Page page) {
    int next = at;
    int count = 0;
    while (next < from.length()) {
      int size = size(record, from, next);
      copy(from, next, size, page, page.insertItem(page.maxOffset() + 1, size));
      next += size;
      count++;
    }
    if (count != expected) {
      throw new WalException(
          record.endLsn(), "record with another number of tuples: expected=" + expected);
    }
  }

  /** Copies bytes of the record to an item of the page. */
  static void copy(ByteSpan from, int at, int length, Page page, int item) {
    from.copyTo(at, page.bytes(), page.at(item, length), length);
  }

  /**
   * Returns a list of offset numbers.
   *
   * @throws PageException if there are more of them than a page has line pointers
   * @throws WalException if the record is too short for it
   */
  static int[] offsetNumbers(ByteSpan from, int at, int count) {
    if (count > Page.MAX_OFFSET_NUMBER) {
      throw new PageException("more offset numbers than a page has: count=" + count);
    }
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = from.u16(at + 2 * i);
    }
    return numbers;
  }
}
