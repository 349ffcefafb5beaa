package io.walstrata.postgres.page;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Describes a page for people, with the names of the functions of the extension pageinspect: {@code
 * page_header}, {@code heap_page_items}, {@code bt_page_items}. A damaged page is described as far
 * as it can be.
 */
public final class PageInspection {
  private static final int MAX_BTREE_CYCLE_ID = 0xFF7F;
  private static final int BTREE_SPECIAL_BYTES = 16;
  private static final int HEAP_HEADER_BYTES = 23;
  private static final int HAS_NULLS = 0x0001;
  private static final int NATTS_MASK = 0x07FF;
  private static final int IS_META = 0x0008;

  private final Page page;

  public PageInspection(byte[] page) {
    this.page = new Page(page);
  }

  /** Returns the fields of the page header, name to value. */
  public Map<String, Object> header() {
    Map<String, Object> header = new LinkedHashMap<>();
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

  /** Returns the kind of page: {@code new}, {@code heap}, {@code btree}, or {@code other}. */
  public String kind() {
    if (page.isNew()) {
      return "new";
    }
    int specialBytes = Page.BYTES - page.special();
    if (specialBytes == 0) {
      return "heap";
    }
    boolean isBtree =
        specialBytes == BTREE_SPECIAL_BYTES && page.u16(Page.BYTES - 2) <= MAX_BTREE_CYCLE_ID;
    return isBtree ? "btree" : "other";
  }

  /**
   * Returns the items, each column name to value, in the order of their line pointers; null values
   * for what an item does not have. Of a page that is neither heap nor btree, line pointers alone.
   */
  public List<Map<String, Object>> items() {
    List<Map<String, Object>> items = new ArrayList<>();
    String kind = kind();
    if (kind.equals("new") || isBtreeMeta(kind)) {
      return items;
    }
    for (int number = 1; number <= page.maxOffset(); number++) {
      items.add(
          switch (kind) {
            case "heap" -> heapItem(number);
            case "btree" -> btreeItem(number);
            default -> linePointer(number);
          });
    }
    return items;
  }

  private boolean isBtreeMeta(String kind) {
    return kind.equals("btree") && (page.u16(Page.BYTES - 4) & IS_META) != 0;
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
    boolean isTuple = Page.flagsOf(itemId) == Page.LP_NORMAL && isWithin(itemId, HEAP_HEADER_BYTES);
    int at = Page.offsetOf(itemId);
    item.put("t_xmin", isTuple ? page.u32(at) : null);
    item.put("t_xmax", isTuple ? page.u32(at + 4) : null);
    item.put("t_field3", isTuple ? page.u32(at + 8) : null);
    item.put("t_ctid", isTuple ? tid(at + 12) : null);
    item.put("t_infomask2", isTuple ? page.u16(at + 18) : null);
    item.put("t_infomask", isTuple ? page.u16(at + 20) : null);
    item.put("t_hoff", isTuple ? page.u8(at + 22) : null);
    item.put("t_bits", isTuple ? bits(at, Page.lengthOf(itemId)) : null);
    item.put("t_data", isTuple ? data(at, Page.lengthOf(itemId)) : null);
    return item;
  }

  private String tid(int at) {
    long block = (long) page.u16(at) << 16 | page.u16(at + 2);
    return "(" + block + "," + page.u16(at + 4) + ")";
  }

  /** Returns a bit for each column, 1 for one that is not null; null if no column is. */
  private @Nullable String bits(int at, int length) {
    if ((page.u16(at + 20) & HAS_NULLS) == 0) {
      return null;
    }
    int columns = page.u16(at + 18) & NATTS_MASK;
    int bytes = Math.min((columns + 7) / 8, length - HEAP_HEADER_BYTES);
    StringBuilder bits = new StringBuilder(8 * bytes);
    for (int bit = 0; bit < 8 * bytes; bit++) {
      bits.append(page.u8(at + HEAP_HEADER_BYTES + bit / 8) >>> bit % 8 & 1);
    }
    return bits.toString();
  }

  private String data(int at, int length) {
    int header = Math.max(HEAP_HEADER_BYTES, Math.min(page.u8(at + 22), length));
    return "\\x" + HexFormat.of().formatHex(page.bytes(), at + header, at + length);
  }

  private Map<String, Object> btreeItem(int number) {
    Map<String, Object> item = new LinkedHashMap<>();
    int itemId = page.itemId(number);
    item.put("itemoffset", number);
    boolean isTuple = isWithin(itemId, 8);
    int at = Page.offsetOf(itemId);
    int info = isTuple ? page.u16(at + 6) : 0;
    item.put("ctid", isTuple ? tid(at) : null);
    item.put("itemlen", Page.lengthOf(itemId));
    item.put("nulls", isTuple ? (info & 0x8000) != 0 : null);
    item.put("vars", isTuple ? (info & 0x4000) != 0 : null);
    item.put("dead", Page.flagsOf(itemId) == Page.LP_DEAD);
    item.put(
        "data",
        isTuple
            ? HexFormat.ofDelimiter(" ").formatHex(page.bytes(), at + 8, at + Page.lengthOf(itemId))
            : null);
    return item;
  }
}
