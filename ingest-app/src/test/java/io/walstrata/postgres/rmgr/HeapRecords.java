package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.HeapPage;
import io.walstrata.postgres.page.HeapTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.rmgr.RecordRedo.LsnStamp;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalRecord;
import java.util.Arrays;

/** Records and pages of relation 1663/5/16384 for tests of heap redo. */
final class HeapRecords {
  static final int HEAP2 = 9;
  static final int HEAP = 10;
  static final int WILL_INIT = 0x40;
  static final byte[] NONE = {};

  /** The transaction of all records. */
  static final long XID = 900;

  private HeapRecords() {}

  static RecordMaker heap(int type) {
    return RecordMaker.record(HEAP, type).xid(XID);
  }

  static RecordMaker heap2(int type) {
    return RecordMaker.record(HEAP2, type).xid(XID);
  }

  static PageKey key(int fork, long block) {
    return PageKey.of(0, 1663, 5, 16384, fork, block);
  }

  static RecordView view(RecordMaker maker, PgVersion version, PageKey key) {
    WalRecord record = maker.parse(version);
    RecordView view = new RecordView();
    view.read(key, record.toValue(), record.endLsn());
    return view;
  }

  static LsnStamp redo(RecordMaker maker, PgVersion version, PageKey key, Page page) {
    RecordView view = view(maker, version, key);
    return ResourceManagers.redo(view.rmgrId()).redo(view, page);
  }

  /** Replays a record of version 18 on a block of the heap. */
  static LsnStamp redo(RecordMaker maker, long block, Page page) {
    return redo(maker, PgVersion.V18, key(0, block), page);
  }

  static Page emptyPage() {
    Page page = new Page(new byte[Page.BYTES]);
    page.init(0);
    return page;
  }

  /** Adds a tuple after the last one, with one byte of padding after its header; returns where. */
  static int add(Page page, int infomask, String data) {
    int number = page.maxOffset() + 1;
    int at = HeapPage.putTuple(page, number, 24 + data.length());
    HeapTuple.setXmin(page, at, 100);
    HeapTuple.setXmax(page, at, 0);
    page.putI32(at + 8, 7);
    HeapTuple.setCtid(page, at, 3, number);
    HeapTuple.setInfomask(page, at, infomask);
    HeapTuple.setInfomask2(page, at, 2);
    HeapTuple.setHoff(page, at, 24);
    byte[] text = text(data);
    System.arraycopy(text, 0, page.bytes(), at + 24, text.length);
    return at;
  }

  static byte[] text(String data) {
    return data.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** Returns what follows a tuple's header and padding. */
  static String data(Page page, int offsetNumber) {
    int at = page.itemOffset(offsetNumber);
    byte[] bytes =
        Arrays.copyOfRange(
            page.bytes(), at + HeapTuple.hoff(page, at), at + page.itemLength(offsetNumber));
    return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** The part of a tuple's header that records have: two attributes, hoff 24, and the padding. */
  static byte[] header(int infomask) {
    return bytes(u16(2), u16(infomask), new byte[] {24});
  }

  /** DELETE, LOCK and LOCK_UPDATED. */
  static byte[] xmax(long xmax, int offsetNumber, int infobits, int flags) {
    return bytes(u32(xmax), u16(offsetNumber), new byte[] {(byte) infobits, (byte) flags});
  }

  /** UPDATE and HOT_UPDATE, from the old tuple 1 to a new one. */
  static byte[] update(int infobits, int flags, int newOffset) {
    return bytes(xmax(XID, 1, infobits, flags), u32(0), u16(newOffset));
  }

  static byte[] offsets(int... numbers) {
    byte[] all = NONE;
    for (int number : numbers) {
      all = bytes(all, u16(number));
    }
    return all;
  }
}
