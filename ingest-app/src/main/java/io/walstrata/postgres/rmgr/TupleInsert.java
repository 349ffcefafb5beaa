package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.HeapManager.CLEARED;

import io.walstrata.postgres.page.HeapPage;
import io.walstrata.postgres.page.HeapTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/** How tuples are put onto a page: by INSERT and MULTI_INSERT, and, in part, by updates. */
final class TupleInsert {
  /**
   * The part of a tuple's header that INSERT and UPDATE have: infomask2 2 | infomask 2 | hoff 1.
   */
  static final int HEADER_BYTES = 5;

  /** MULTI_INSERT: all tuples are frozen. */
  private static final int ALL_FROZEN_SET = 0x20;

  /** Before each tuple of a MULTI_INSERT: length 2 | infomask2 2 | infomask 2 | hoff 1. */
  private static final int MULTI_HEADER_BYTES = 7;

  private TupleInsert() {}

  /*
   * INSERT: offset 2 | flags 1. Block data: header 5 | bitmap, padding and data.
   */
  static void insert(RecordView record, Page page) {
    ByteSpan main = record.main();
    ByteSpan data = record.block(0).data();
    int offsetNumber = main.u16(0);
    int length = data.length() - HEADER_BYTES;
    HeapPage.check(page);
    int tuple = put(record, page, offsetNumber, data, 0, length);
    data.copyTo(HEADER_BYTES, page.bytes(), tuple + HeapTuple.HEADER_BYTES, length);
    if ((main.u8(2) & CLEARED) != 0) {
      page.clearFlag(Page.ALL_VISIBLE);
    }
  }

  /*
   * MULTI_INSERT: flags 1 | pad 1 | tuples 2 | offset 2 of each, unless the page is built from
   * nothing: then they are 1, 2, 3 ... Block data: for each tuple, at an even offset, a header 7
   * and bitmap, padding and data.
   */
  static void multiInsert(RecordView record, Page page, boolean isInit) {
    ByteSpan main = record.main();
    ByteSpan data = record.block(0).data();
    int flags = main.u8(0);
    int count = main.u16(2);
    HeapPage.check(page);
    int at = 0;
    for (int i = 0; i < count; i++) {
      int offsetNumber = isInit ? i + 1 : main.u16(4 + 2 * i);
      at += at & 1;
      int length = data.u16(at);
      int tuple = put(record, page, offsetNumber, data, at + 2, length);
      at += MULTI_HEADER_BYTES;
      data.copyTo(at, page.bytes(), tuple + HeapTuple.HEADER_BYTES, length);
      at += length;
    }
    if (at != data.length()) {
      throw new WalException(
          record.endLsn(),
          "tuples do not fill their data: tuples="
              + count
              + ", end="
              + at
              + ", data="
              + data.length());
    }
    if ((flags & CLEARED) != 0) {
      page.clearFlag(Page.ALL_VISIBLE);
    }
    if ((flags & ALL_FROZEN_SET) != 0) {
      page.setFlag(Page.ALL_VISIBLE);
    }
  }

  /**
   * Adds a tuple and writes its header: that of a row which the record's transaction inserts. What
   * follows the header is to be written by the caller.
   *
   * @param header has infomask2, infomask and hoff at {@code headerAt}
   * @param length of the tuple without the fixed part of its header
   * @return where the tuple begins
   */
  static int put(
      RecordView record, Page page, int offsetNumber, ByteSpan header, int headerAt, int length) {
    int hoff = header.u8(headerAt + 4);
    int total = HeapTuple.HEADER_BYTES + length;
    if (hoff < HeapTuple.HEADER_BYTES || hoff > total) {
      throw new WalException(
          record.endLsn(),
          "impossible tuple: offset=" + offsetNumber + ", hoff=" + hoff + ", length=" + total);
    }
    int tuple = HeapPage.putTuple(page, offsetNumber, total);
    HeapTuple.setXmin(page, tuple, record.xid());
    HeapTuple.setXmax(page, tuple, 0);
    HeapTuple.setCtid(page, tuple, record.key().block(), offsetNumber);
    HeapTuple.setInfomask2(page, tuple, header.u16(headerAt));
    HeapTuple.setInfomask(page, tuple, header.u16(headerAt + 2));
    HeapTuple.resetCid(page, tuple);
    HeapTuple.setHoff(page, tuple, hoff);
    return tuple;
  }
}
