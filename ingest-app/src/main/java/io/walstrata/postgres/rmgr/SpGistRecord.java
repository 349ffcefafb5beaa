package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.SpGistPage;
import io.walstrata.postgres.page.SpGistPage.ItemPointer;
import io.walstrata.postgres.page.SpGistPage.Redirection;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * The parts that several records of SP-GiST indexes have: tuples, whose lengths are in their
 * headers, and {@code spgxlogState}, redirectXid 4 | isBuild 1, pad 3.
 *
 * <p>In PostgreSQL: {@code access/spgxlog.h}.
 */
final class SpGistRecord {
  /** Length of {@code spgxlogState}. */
  static final int STATE_BYTES = 8;

  private SpGistRecord() {}

  /** Returns the length of the leaf tuple at an offset, which the record has as a whole. */
  static int leafSize(RecordView record, int at) {
    long size = record.main().u32(at) >>> 2;
    return checked(record, at, size, SpGistPage.DEAD_TUPLE_BYTES);
  }

  /** Returns the length of the inner tuple at an offset, which the record has as a whole. */
  static int innerSize(RecordView record, int at) {
    return checked(record, at, record.main().u16(at + 4), SpGistPage.INNER_HEADER_BYTES);
  }

  private static int checked(RecordView record, int at, long size, int minimum) {
    if (size < minimum || size > record.main().length() - at) {
      throw new WalException(
          record.endLsn(), "tuple does not fit into its record: offset=" + at + ", size=" + size);
    }
    return (int) size;
  }

  /**
   * Adds the leaf tuple at an offset of the record to a page.
   *
   * @return where it ends
   */
  static int addLeaf(RecordView record, int at, Page page, int offsetNumber) {
    return add(record.main(), at, leafSize(record, at), page, offsetNumber);
  }

  /**
   * Adds the inner tuple at an offset of the record to a page.
   *
   * @return where it ends
   */
  static int addInner(RecordView record, int at, Page page, int offsetNumber) {
    return add(record.main(), at, innerSize(record, at), page, offsetNumber);
  }

  private static int add(ByteSpan from, int at, int size, Page page, int offsetNumber) {
    int item = SpGistPage.addOrReplaceTuple(page, offsetNumber, size);
    RecordTuples.copy(from, at, size, page, item);
    return at + size;
  }

  /** Replaces a tuple by the one of this length at an offset of the record. */
  static void replace(ByteSpan from, int at, int size, Page page, int offsetNumber) {
    RecordTuples.copy(from, at, size, page, SpGistPage.replaceTuple(page, offsetNumber, size));
  }

  /** Returns whether the change was part of building the index: then nothing needs redirections. */
  static boolean isBuild(ByteSpan main, int state) {
    return main.u8(state + 4) != 0;
  }

  /** Returns the redirection to a tuple, by the transaction in the record's state. */
  static Redirection redirection(ByteSpan main, int state, ItemPointer to) {
    return new Redirection(to, main.u32(state));
  }
}
