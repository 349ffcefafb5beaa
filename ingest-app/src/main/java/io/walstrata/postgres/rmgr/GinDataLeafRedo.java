package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.GinPage;
import io.walstrata.postgres.page.GinPostingList;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;
import java.util.Arrays;

/**
 * Replays what an insertion or a vacuum does to a leaf of a posting tree: its segments are kept,
 * removed, replaced, or get more items. One object for each record.
 *
 * <p>In PostgreSQL: format {@code ginxlogRecompressDataLeaf} in {@code access/ginxlog.h}, replay
 * {@code ginxlog.c}.
 */
final class GinDataLeafRedo {
  /*
   * count 2; for each: number of the segment 1 | what to do 1 | what that needs:
   *   insert, replace: the segment; add items: count 2, items of 6
   * Numbers are those that the segments have before the record, ascending.
   */
  static final int SEGMENT_DELETE = 1;
  static final int SEGMENT_INSERT = 2;
  static final int SEGMENT_REPLACE = 3;
  static final int SEGMENT_ADD_ITEMS = 4;

  private final RecordView record;
  private final ByteSpan data;
  private final Page page;
  private final byte[] old;

  /** Where the next of the old segments begins, and its number. */
  private int oldAt;

  private int segment;

  /** Where the next segment is written to. */
  private int to = GinPage.DATA;

  private GinDataLeafRedo(RecordView record, ByteSpan data, Page page) {
    this.record = record;
    this.data = data;
    this.page = page;
    int from = GinPage.DATA;
    this.old = Arrays.copyOfRange(page.bytes(), from, from + GinPage.dataBytes(page));
  }

  /**
   * Changes a leaf of a posting tree.
   *
   * @param data the record's description of the change
   */
  static void redo(RecordView record, ByteSpan data, Page page) {
    GinPage.checkData(page, /* isLeaf= */ true);
    if (!GinPage.hasFlag(page, GinPage.GIN_COMPRESSED)) {
      compress(page);
    }
    new GinDataLeafRedo(record, data, page).run();
  }

  /** Converts a leaf that a version before 9.4 wrote: its item pointers become one segment. */
  private static void compress(Page page) {
    int count = GinPage.maxoff(page);
    page.at(GinPage.DATA, count * GinPostingList.ITEM_POINTER_BYTES);
    long[] items = new long[count];
    for (int i = 0; i < count; i++) {
      int at = GinPage.DATA + i * GinPostingList.ITEM_POINTER_BYTES;
      items[i] = GinPostingList.item(page.u16(at), page.u16(at + 2), page.u16(at + 4));
    }
    int length =
        count == 0
            ? 0
            : GinPostingList.encode(items, count, page.bytes(), GinPage.DATA, GinPage.DATA_LIMIT);
    GinPage.setDataBytes(page, length);
    GinPage.setFlag(page, GinPage.GIN_COMPRESSED);
    GinPage.setMaxoff(page, 0);
  }

  private void run() {
    int actions = data.u16(0);
    int at = 2;
    for (int i = 0; i < actions; i++) {
      int number = data.u8(at);
      if (number < segment) {
        throw damaged("segments out of order: segment=" + number + ", previous=" + segment);
      }
      while (segment < number) {
        keep();
      }
      at = apply(data.u8(at + 1), at + 2);
    }
    if (at != data.length()) {
      throw damaged("record with more than its segments: at=" + at);
    }
    put(old, oldAt, old.length - oldAt);
    GinPage.setDataBytes(page, to - GinPage.DATA);
  }

  /**
   * Does one action.
   *
   * @param at where in the record its operands are
   * @return where they end
   */
  private int apply(int action, int at) {
    return switch (action) {
      case SEGMENT_DELETE -> {
        skip();
        yield at;
      }
      case SEGMENT_INSERT -> insert(at);
      case SEGMENT_REPLACE -> {
        skip();
        yield insert(at);
      }
      case SEGMENT_ADD_ITEMS -> addItems(at);
      default -> throw damaged("unknown action for a segment: action=" + action);
    };
  }

  private void keep() {
    int start = oldAt;
    skip();
    put(old, start, oldAt - start);
  }

  private void skip() {
    if (oldAt == old.length) {
      throw new PageException("page without the segment: segment=" + segment);
    }
    oldAt += GinPostingList.segmentBytes(old, oldAt, old.length);
    segment++;
  }

  private void put(byte[] from, int start, int length) {
    checkRoom(length);
    System.arraycopy(from, start, page.bytes(), to, length);
    to += length;
  }

  private void checkRoom(int length) {
    if (length > GinPage.DATA_LIMIT - to) {
      throw new PageException("no room for a segment: offset=" + to + ", length=" + length);
    }
  }

  private int insert(int at) {
    int length = GinPostingList.segmentBytes(data.u16(at + GinPostingList.ITEM_POINTER_BYTES));
    checkRoom(length);
    data.copyTo(at, page.bytes(), to, length);
    to += length;
    return at + length;
  }

  private int addItems(int at) {
    int count = data.u16(at);
    int end = at + 2 + count * GinPostingList.ITEM_POINTER_BYTES;
    if (end > data.length()) {
      throw damaged("record too short for its items: items=" + count);
    }
    long[] added = new long[count];
    for (int i = 0; i < count; i++) {
      int item = at + 2 + i * GinPostingList.ITEM_POINTER_BYTES;
      added[i] = GinPostingList.item(data.u16(item), data.u16(item + 2), data.u16(item + 4));
    }
    int start = oldAt;
    skip();
    long[] items = GinPostingList.merge(added, GinPostingList.decode(old, start, oldAt));
    to += GinPostingList.encode(items, items.length, page.bytes(), to, GinPage.DATA_LIMIT);
    return end;
  }

  private WalException damaged(String reason) {
    return new WalException(record.endLsn(), reason);
  }
}
