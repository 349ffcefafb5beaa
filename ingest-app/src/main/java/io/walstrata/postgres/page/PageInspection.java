package io.walstrata.postgres.page;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Describes a page for people, with the columns of the functions of the extension pageinspect:
 * {@code page_header}, {@code heap_page_items}, {@code bt_page_items}. Unlike there, {@code
 * checksum} is unsigned, and a damaged page is described as far as it can be.
 */
public final class PageInspection {
  private static final int MAX_BTREE_CYCLE_ID = 0xFF7F;
  private static final int MIN_HEAP_TUPLE_BYTES = 24;
  private static final int HEAP_HEADER_BYTES = 23;
  private static final int HAS_NULLS = 0x0001;
  private static final int HAS_OID = 0x0008;
  private static final int NATTS_MASK = 0x07FF;
  private static final int INDEX_HAS_NULLS = 0x8000;
  private static final int INDEX_HAS_VARWIDTHS = 0x4000;
  private static final int INDEX_NULL_BITMAP_BYTES = 8; // 32 columns, aligned
  private static final int PIVOT_HAS_HEAP_TID = 0x1000;

  private final Page page;

  public PageInspection(byte[] page) {
    this.page = new Page(page);
  }

  /** Returns the fields of the page header, name to value; none of {@code bytes}. */
  public Map<String, Object> header() {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!hasHeader()) {
      return header;
    }
    header.put("lsn", lsn(page.lsn()));
    header.put("checksum", page.checksum());
    header.put("flags", page.flags());
    header.put("lower", page.lower());
    header.put("upper", page.upper());
    header.put("special", page.special());
    header.put("pagesize", page.pageSizeAndVersion() & 0xFF00);
    header.put("version", page.pageSizeAndVersion() & 0xFF);
    header.put("prune_xid", page.pruneXid());
    return header;
  }

  private static String lsn(long lsn) {
    return String.format(Locale.ROOT, "%X/%X", lsn >>> 32, lsn & 0xFFFFFFFFL);
  }

  /**
   * Returns whether the bytes have a page header: those of a transaction status area, a relation
   * map or the size of a fork have none.
   */
  private boolean hasHeader() {
    return page.bytes().length == Page.BYTES && (page.isNew() || page.hasLayout());
  }

  /**
   * Returns the kind of page: {@code new}, {@code heap}, {@code btree}, {@code other}, or {@code
   * bytes} for what has no page header.
   */
  public String kind() {
    if (!hasHeader()) {
      return "bytes";
    }
    if (page.isNew()) {
      return "new";
    }
    int specialBytes = Page.BYTES - page.special();
    if (specialBytes == 0) {
      return "heap";
    }
    boolean isBtree =
        specialBytes == BtreePage.SPECIAL_BYTES && page.u16(Page.BYTES - 2) <= MAX_BTREE_CYCLE_ID;
    return isBtree ? "btree" : "other";
  }

  /**
   * Returns the items, each column name to value, in the order of their line pointers; null values
   * for what an item does not have. Of a page that is neither heap nor btree, line pointers alone.
   */
  public List<Map<String, Object>> items() {
    List<Map<String, Object>> items = new ArrayList<>();
    String kind = kind();
    for (int number = 1; number <= itemCount(kind); number++) {
      items.add(
          switch (kind) {
            case "heap" -> heapItem(number);
            case "btree" -> btreeItem(number);
            default -> linePointer(number);
          });
    }
    return items;
  }

  private int itemCount(String kind) {
    boolean hasNone =
        kind.equals("bytes")
            || kind.equals("new")
            || (kind.equals("btree") && hasBtreeFlag(BtreePage.META | BtreePage.DELETED));
    return hasNone || page.lower() > Page.BYTES ? 0 : page.maxOffset();
  }

  private boolean hasBtreeFlag(int flag) {
    return (page.u16(Page.BYTES - 4) & flag) != 0;
  }

  private Map<String, Object> linePointer(int number) {
    Map<String, Object> item = new LinkedHashMap<>();
    int itemId = page.itemId(number);
    item.put("lp", number);
    item.put("lp_off", Page.offsetOf(itemId));
    item.put("lp_flags", Page.flagsOf(itemId));
    item.put("lp_len", Page.lengthOf(itemId));
    return item;
  }

  private boolean isWithin(int itemId, int minLength) {
    int length = Page.lengthOf(itemId);
    int offset = Page.offsetOf(itemId);
    return length >= minLength && offset >= Page.HEADER_BYTES && offset + length <= Page.BYTES;
  }

  private Map<String, Object> heapItem(int number) {
    Map<String, Object> item = linePointer(number);
    int itemId = page.itemId(number);
    int at = Page.offsetOf(itemId);
    int length = Page.lengthOf(itemId);
    boolean isTuple = isWithin(itemId, MIN_HEAP_TUPLE_BYTES) && at == Page.align(at);
    int header = isTuple ? page.u8(at + 22) : 0;
    boolean hasData =
        header >= HEAP_HEADER_BYTES && header <= length && header == Page.align(header);
    item.put("t_xmin", isTuple ? page.u32(at) : null);
    item.put("t_xmax", isTuple ? page.u32(at + 4) : null);
    item.put("t_field3", isTuple ? page.u32(at + 8) : null);
    item.put("t_ctid", isTuple ? tid(at + 12) : null);
    item.put("t_infomask2", isTuple ? page.u16(at + 18) : null);
    item.put("t_infomask", isTuple ? page.u16(at + 20) : null);
    item.put("t_hoff", isTuple ? header : null);
    item.put("t_bits", hasData ? bits(at, header) : null);
    item.put("t_oid", hasData && hasOid(at) ? page.u32(at + header - 4) : null);
    item.put("t_data", hasData ? hex(at + header, at + length) : null);
    return item;
  }

  private boolean hasOid(int at) {
    return (page.u16(at + 20) & HAS_OID) != 0;
  }

  private String hex(int from, int to) {
    return "\\x" + HexFormat.of().formatHex(page.bytes(), from, to);
  }

  private String tid(int at) {
    return "(" + IndexTuple.block(page, at) + "," + IndexTuple.offsetNumber(page, at) + ")";
  }

  /** Returns a bit for each column, 1 for one that is not null; null if no column is. */
  private @Nullable String bits(int at, int header) {
    int bytes = ((page.u16(at + 18) & NATTS_MASK) + 7) / 8;
    if ((page.u16(at + 20) & HAS_NULLS) == 0 || bytes > header - HEAP_HEADER_BYTES) {
      return null;
    }
    StringBuilder bits = new StringBuilder(8 * bytes);
    for (int bit = 0; bit < 8 * bytes; bit++) {
      bits.append(page.u8(at + HEAP_HEADER_BYTES + bit / 8) >>> bit % 8 & 1);
    }
    return bits.toString();
  }

  private Map<String, Object> btreeItem(int number) {
    Map<String, Object> item = new LinkedHashMap<>();
    int itemId = page.itemId(number);
    int at = Page.offsetOf(itemId);
    boolean isTuple = isWithin(itemId, IndexTuple.HEADER_BYTES);
    int info = isTuple ? IndexTuple.info(page, at) : 0;
    item.put("itemoffset", number);
    item.put("ctid", isTuple ? tid(at) : null);
    item.put("itemlen", isTuple ? IndexTuple.size(page, at) : Page.lengthOf(itemId));
    item.put("nulls", isTuple ? (info & INDEX_HAS_NULLS) != 0 : null);
    item.put("vars", isTuple ? (info & INDEX_HAS_VARWIDTHS) != 0 : null);
    item.put("data", isTuple ? btreeData(at, Page.lengthOf(itemId)) : null);
    item.put("dead", isBtreePivot(number) ? null : Page.flagsOf(itemId) == Page.LP_DEAD);
    List<String> tids = isTuple ? heapTids(at, number, Page.lengthOf(itemId)) : List.of();
    item.put("htid", tids.isEmpty() ? null : tids.get(0));
    item.put("tids", isTuple && BtreeTuple.isPosting(page, at) ? tids : null);
    return item;
  }

  /** Returns whether an item separates pages, by its place: an inner page has nothing else. */
  private boolean isBtreePivot(int number) {
    boolean isRightmost = page.u32(page.special() + 4) == BtreePage.NONE;
    return !hasBtreeFlag(BtreePage.LEAF) || (!isRightmost && number == BtreePage.HIGH_KEY);
  }

  private boolean hasPivotTid(int at) {
    return BtreeTuple.isPivot(page, at)
        && (IndexTuple.offsetNumber(page, at) & PIVOT_HAS_HEAP_TID) != 0;
  }

  /** Returns the key's bytes, without the tuple ids that may follow it. */
  private String btreeData(int at, int length) {
    boolean hasNulls = (IndexTuple.info(page, at) & INDEX_HAS_NULLS) != 0;
    int header = IndexTuple.HEADER_BYTES + (hasNulls ? INDEX_NULL_BITMAP_BYTES : 0);
    int end = Math.min(BtreeTuple.keyBytes(page, at), length);
    if (hasPivotTid(at)) {
      end -= Page.align(IndexTuple.TID_BYTES);
    }
    return end <= header
        ? ""
        : HexFormat.ofDelimiter(" ").formatHex(page.bytes(), at + header, at + end);
  }

  /** Returns the heap tuples that an item stands for, those that lie within it. */
  private List<String> heapTids(int at, int number, int length) {
    if (BtreeTuple.isPosting(page, at)) {
      List<String> tids = new ArrayList<>();
      int from = BtreeTuple.keyBytes(page, at);
      for (int i = 0; i < BtreeTuple.tidCount(page, at); i++) {
        int next = from + i * IndexTuple.TID_BYTES;
        if (next < 0 || next > length - IndexTuple.TID_BYTES) {
          break;
        }
        tids.add(tid(at + next));
      }
      return tids;
    }
    if (BtreeTuple.isPivot(page, at)) {
      int last = Math.min(IndexTuple.size(page, at), length) - IndexTuple.TID_BYTES;
      return hasPivotTid(at) && last >= IndexTuple.HEADER_BYTES
          ? List.of(tid(at + last))
          : List.of();
    }
    return isBtreePivot(number) ? List.of() : List.of(tid(at));
  }
}
