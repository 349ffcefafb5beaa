package io.walstrata.postgres.page;

import io.walstrata.postgres.wal.LittleEndian;
import java.util.Arrays;

/**
 * A page of 8192 bytes as all access methods lay it out: header, array of line pointers, free
 * space, items, and a special space at the end. Or the bytes of a page without that layout, such as
 * one of a transaction status area: {@link #bytes()}. For one thread.
 *
 * <p>Numbers of line pointers are 1-based offset numbers. Methods that take an offset, a length or
 * an offset number throw a {@link PageException} if the page does not have it, so that a page is
 * never read or written outside its bounds.
 */
public final class Page {
  /** Length of a page, in bytes: the only block size that is supported. */
  public static final int BYTES = 8192;

  /** Length of the page header, which the line pointers follow. */
  public static final int HEADER_BYTES = 24;

  /** Length of a line pointer. */
  public static final int ITEM_ID_BYTES = 4;

  /** {@code pd_flags}: there are unused line pointers before the last one. */
  public static final int HAS_FREE_LINES = 1;

  /** {@code pd_flags}: an update found no room for the new version. */
  public static final int PAGE_FULL = 2;

  /** {@code pd_flags}: all tuples are visible to everyone. */
  public static final int ALL_VISIBLE = 4;

  /** {@code lp_flags}: the line pointer is free. */
  public static final int LP_UNUSED = 0;

  /** {@code lp_flags}: it points to an item. */
  public static final int LP_NORMAL = 1;

  /** {@code lp_flags}: it leads to another line pointer, whose number is in place of its offset. */
  public static final int LP_REDIRECT = 2;

  /** {@code lp_flags}: the item is dead; it may be there or not. */
  public static final int LP_DEAD = 3;

  /** No tuple of a heap page has a greater offset number. */
  public static final int MAX_HEAP_TUPLES = 291;

  /** No line pointer of any page has a greater offset number. */
  public static final int MAX_OFFSET_NUMBER = BYTES / ITEM_ID_BYTES;

  /** Where the word of 4 bytes is whose lower half is {@code pd_checksum}. */
  static final int CHECKSUM_WORD = 8;

  private static final int PD_LSN = 0;
  private static final int PD_CHECKSUM = 8;
  private static final int PD_FLAGS = 10;
  private static final int PD_LOWER = 12;
  private static final int PD_UPPER = 14;
  private static final int PD_SPECIAL = 16;
  private static final int PD_PAGESIZE_VERSION = 18;
  private static final int PD_PRUNE_XID = 20;
  private static final int LAYOUT_VERSION = 4;

  private byte[] bytes;
  private byte[] scratch = new byte[0];

  /**
   * @param bytes the page; written to by this class's methods
   */
  public Page(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Returns the bytes themselves, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** Replaces the content, also by one of another length. */
  public void replace(byte[] content) {
    bytes = content;
  }

  /** Rounds a length up to the alignment of items, 8 bytes. */
  public static int align(int length) {
    return (length + 7) & ~7;
  }

  /** Fills the page with zeros: a new page. */
  public void clear() {
    Arrays.fill(bytes, (byte) 0);
  }

  /**
   * Makes an empty page with a special space at its end, everything else zero.
   *
   * @param specialBytes length of the special space; rounded up to a multiple of 8
   */
  public void init(int specialBytes) {
    clear();
    int special = BYTES - align(specialBytes);
    putU16(PD_LOWER, HEADER_BYTES);
    putU16(PD_UPPER, special);
    putU16(PD_SPECIAL, special);
    putU16(PD_PAGESIZE_VERSION, BYTES | LAYOUT_VERSION);
  }

  /** Returns whether the page was never initialised. */
  public boolean isNew() {
    return upper() == 0;
  }

  /**
   * Returns whether the header states this layout: not for a new page, nor for bytes that are no
   * such page.
   */
  public boolean hasLayout() {
    return bytes.length == BYTES
        && pageSizeAndVersion() == (BYTES | LAYOUT_VERSION)
        && special() <= BYTES;
  }

  /** Returns {@code pd_lsn}, unsigned. */
  public long lsn() {
    // Two halves, the upper one first, each little-endian.
    return (u32(PD_LSN) << 32) | u32(PD_LSN + 4);
  }

  public void setLsn(long lsn) {
    putI32(PD_LSN, (int) (lsn >>> 32));
    putI32(PD_LSN + 4, (int) lsn);
  }

  public int checksum() {
    return u16(PD_CHECKSUM);
  }

  public void setChecksum(int checksum) {
    putU16(PD_CHECKSUM, checksum);
  }

  public int flags() {
    return u16(PD_FLAGS);
  }

  public boolean hasFlag(int flag) {
    return (flags() & flag) != 0;
  }

  public void setFlag(int flag) {
    putU16(PD_FLAGS, flags() | flag);
  }

  public void clearFlag(int flag) {
    putU16(PD_FLAGS, flags() & ~flag);
  }

  public void setFlags(int flags) {
    putU16(PD_FLAGS, flags);
  }

  /** Returns {@code pd_lower}: where the line pointers end. */
  public int lower() {
    return u16(PD_LOWER);
  }

  public void setLower(int lower) {
    putU16(PD_LOWER, lower);
  }

  /** Returns {@code pd_upper}: where the items begin. */
  public int upper() {
    return u16(PD_UPPER);
  }

  public void setUpper(int upper) {
    putU16(PD_UPPER, upper);
  }

  /** Returns {@code pd_special}: where the special space begins. */
  public int special() {
    return u16(PD_SPECIAL);
  }

  /** Returns the page size and the layout's version, as in the header. */
  public int pageSizeAndVersion() {
    return u16(PD_PAGESIZE_VERSION);
  }

  /** Returns the oldest transaction whose tuples may be pruned, unsigned; 0 for none. */
  public long pruneXid() {
    return u32(PD_PRUNE_XID);
  }

  public void setPruneXid(long xid) {
    putI32(PD_PRUNE_XID, (int) xid);
  }

  /**
   * Checks that the header is one that items can be worked on with.
   *
   * @throws PageException if not
   */
  public void checkHeader() {
    if (bytes.length != BYTES
        || lower() < HEADER_BYTES
        || lower() > upper()
        || upper() > special()
        || special() > BYTES
        || special() != align(special())) {
      throw new PageException(
          "page header is damaged: lower="
              + lower()
              + ", upper="
              + upper()
              + ", special="
              + special()
              + ", bytes="
              + bytes.length);
    }
  }

  /**
   * Returns the number of line pointers, which is the greatest offset number; 0 if there is none.
   */
  public int maxOffset() {
    int lower = lower();
    if (lower > bytes.length) {
      throw new PageException("line pointers exceed the page: lower=" + lower);
    }
    return lower <= HEADER_BYTES ? 0 : (lower - HEADER_BYTES) / ITEM_ID_BYTES;
  }

  /** Returns where a line pointer is. */
  private static int itemIdAt(int offsetNumber) {
    return HEADER_BYTES + (offsetNumber - 1) * ITEM_ID_BYTES;
  }

  /** Returns the line pointer: offset 15 bits, flags 2, length 15, from the lowest bit on. */
  public int itemId(int offsetNumber) {
    checkOffsetNumber(offsetNumber);
    return LittleEndian.i32(bytes, itemIdAt(offsetNumber));
  }

  private void checkOffsetNumber(int offsetNumber) {
    if (offsetNumber < 1 || offsetNumber > maxOffset()) {
      throw new PageException(
          "no such line pointer: offset=" + offsetNumber + ", max=" + maxOffset());
    }
  }

  public void setItemId(int offsetNumber, int itemId) {
    checkOffsetNumber(offsetNumber);
    putI32(itemIdAt(offsetNumber), itemId);
  }

  public void setItemId(int offsetNumber, int offset, int flags, int length) {
    setItemId(offsetNumber, packItemId(offset, flags, length));
  }

  public static int packItemId(int offset, int flags, int length) {
    return (offset & 0x7FFF) | (flags << 15) | (length << 17);
  }

  public static int offsetOf(int itemId) {
    return itemId & 0x7FFF;
  }

  public static int flagsOf(int itemId) {
    return itemId >>> 15 & 3;
  }

  public static int lengthOf(int itemId) {
    return itemId >>> 17;
  }

  public int itemFlags(int offsetNumber) {
    return flagsOf(itemId(offsetNumber));
  }

  /** Returns where in the page a line pointer's item begins, of one with storage. */
  public int itemOffset(int offsetNumber) {
    return offsetOf(checkedItem(offsetNumber));
  }

  /** Returns the length of a line pointer's item, of one with storage. */
  public int itemLength(int offsetNumber) {
    return lengthOf(checkedItem(offsetNumber));
  }

  /** Returns the line pointer of an item that lies within the page. */
  private int checkedItem(int offsetNumber) {
    int itemId = itemId(offsetNumber);
    int offset = offsetOf(itemId);
    int length = lengthOf(itemId);
    if (length == 0 || offset < HEADER_BYTES || offset + length > bytes.length) {
      throw new PageException(
          "line pointer without an item: offset=" + offsetNumber + ", itemId=" + itemId);
    }
    return itemId;
  }

  /**
   * Returns where a normal item begins.
   *
   * @param minLength the item must have at least so many bytes
   * @throws PageException if the line pointer is not normal or its item is shorter
   */
  public int normalItem(int offsetNumber, int minLength) {
    int itemId = checkedItem(offsetNumber);
    if (flagsOf(itemId) != LP_NORMAL || lengthOf(itemId) < minLength) {
      throw new PageException(
          "not a normal item of this length: offset="
              + offsetNumber
              + ", flags="
              + flagsOf(itemId)
              + ", length="
              + lengthOf(itemId)
              + ", minLength="
              + minLength);
    }
    return offsetOf(itemId);
  }

  /** Returns the free space between line pointers and items in bytes; negative if damaged. */
  public int freeBytes() {
    return upper() - lower();
  }

  /**
   * Adds an item at an offset number and moves the line pointers from there on up by one. The
   * item's bytes are to be written by the caller.
   *
   * @param offsetNumber 1 to one more than the greatest
   * @param length the item's length in bytes; it takes this rounded up to 8
   * @return where the item begins
   */
  public int insertItem(int offsetNumber, int length) {
    int count = maxOffset();
    if (offsetNumber < 1 || offsetNumber > count + 1) {
      throw new PageException("item out of sequence: offset=" + offsetNumber + ", max=" + count);
    }
    int upper = allocate(length, ITEM_ID_BYTES);
    int at = itemIdAt(offsetNumber);
    System.arraycopy(bytes, at, bytes, at + ITEM_ID_BYTES, lower() - at);
    setLower(lower() + ITEM_ID_BYTES);
    setUpper(upper);
    setItemId(offsetNumber, upper, LP_NORMAL, length);
    return upper;
  }

  /**
   * Adds an item at an offset number whose line pointer is unused, or the next one after the last.
   * The item's bytes are to be written by the caller.
   *
   * @return where the item begins
   */
  public int putItem(int offsetNumber, int length) {
    int count = maxOffset();
    if (offsetNumber < 1 || offsetNumber > count + 1) {
      throw new PageException("item out of sequence: offset=" + offsetNumber + ", max=" + count);
    }
    boolean isLast = offsetNumber == count + 1;
    if (!isLast) {
      int itemId = itemId(offsetNumber);
      if (flagsOf(itemId) != LP_UNUSED || lengthOf(itemId) != 0) {
        throw new PageException("line pointer is in use: offset=" + offsetNumber);
      }
    }
    int upper = allocate(length, isLast ? ITEM_ID_BYTES : 0);
    if (isLast) {
      setLower(lower() + ITEM_ID_BYTES);
    }
    setUpper(upper);
    setItemId(offsetNumber, upper, LP_NORMAL, length);
    return upper;
  }

  /** Returns where an item of this length begins if it is the next, or throws if it has no room. */
  private int allocate(int length, int lineBytes) {
    int upper = upper() - align(length);
    if (length < 0
        || upper < lower() + lineBytes
        || lower() < HEADER_BYTES
        || upper() > special()
        || special() > bytes.length) {
      throw new PageException(
          "no room for an item: length=" + length + ", lower=" + lower() + ", upper=" + upper());
    }
    return upper;
  }

  /**
   * Moves all items with storage to the end of the free space, without gaps: the first line
   * pointer's item is the one nearest to the special space. Line pointers keep their numbers.
   *
   * <p>The bytes that become free keep what they held.
   */
  public void compact() {
    checkHeader();
    if (scratch.length != BYTES) {
      scratch = new byte[BYTES];
    }
    int count = maxOffset();
    int oldUpper = upper();
    System.arraycopy(bytes, oldUpper, scratch, oldUpper, special() - oldUpper);
    int upper = special();
    for (int number = 1; number <= count; number++) {
      int itemId = itemId(number);
      int length = lengthOf(itemId);
      if (length == 0) {
        continue;
      }
      int offset = offsetOf(itemId);
      if (offset < oldUpper || offset + length > special()) {
        throw new PageException("item outside of the items' space: offset=" + number);
      }
      int aligned = align(length);
      upper -= aligned;
      if (upper < lower()) {
        throw new PageException("items overlap: offset=" + number);
      }
      System.arraycopy(scratch, offset, bytes, upper, Math.min(aligned, special() - offset));
      setItemId(number, upper, flagsOf(itemId), length);
    }
    setUpper(upper);
  }

  /**
   * Removes one item of an index page: later line pointers move down by one, items below it move up
   * to close the gap.
   */
  public void deleteIndexItem(int offsetNumber) {
    checkHeader();
    int itemId = checkedItem(offsetNumber);
    int offset = offsetOf(itemId);
    int length = align(lengthOf(itemId));
    checkItemSpace(offsetNumber, offset, length);
    int at = itemIdAt(offsetNumber);
    System.arraycopy(bytes, at + ITEM_ID_BYTES, bytes, at, lower() - at - ITEM_ID_BYTES);
    setLower(lower() - ITEM_ID_BYTES);
    shiftItems(offset, length);
  }

  private void checkItemSpace(int offsetNumber, int offset, int alignedLength) {
    if (offset < upper() || offset + alignedLength > special() || offset != align(offset)) {
      throw new PageException("item outside of the items' space: offset=" + offsetNumber);
    }
  }

  /**
   * Moves what lies below {@code offset} up by {@code shift}, or down if that is negative, and the
   * line pointers of the items that begin at it or below it likewise.
   */
  private void shiftItems(int offset, int shift) {
    int upper = upper();
    System.arraycopy(bytes, upper, bytes, upper + shift, offset - upper);
    setUpper(upper + shift);
    int count = maxOffset();
    for (int number = 1; number <= count; number++) {
      int itemId = itemId(number);
      if (lengthOf(itemId) != 0 && offsetOf(itemId) <= offset) {
        if (offsetOf(itemId) < upper) {
          throw new PageException("item outside of the items' space: offset=" + number);
        }
        setItemId(number, itemId + shift);
      }
    }
  }

  /**
   * Removes the item of an index page as {@link #deleteIndexItem} does, but keeps its line pointer,
   * as an unused one; if it is the last, it goes.
   */
  public void deleteIndexItemKeepingLine(int offsetNumber) {
    checkHeader();
    int itemId = checkedItem(offsetNumber);
    int offset = offsetOf(itemId);
    int length = align(lengthOf(itemId));
    checkItemSpace(offsetNumber, offset, length);
    if (offsetNumber < maxOffset()) {
      setItemId(offsetNumber, 0);
    } else {
      setLower(lower() - ITEM_ID_BYTES);
    }
    shiftItems(offset, length);
  }

  /**
   * Removes several items of an index page. One or two are removed one by one, the last first, so
   * that the others keep their physical order; with more the page is compacted.
   *
   * @param offsetNumbers ascending
   * @param count how many of them
   */
  public void deleteIndexItems(int[] offsetNumbers, int count) {
    if (count <= 2) {
      for (int i = count - 1; i >= 0; i--) {
        deleteIndexItem(offsetNumbers[i]);
      }
      return;
    }
    checkHeader();
    int lines = maxOffset();
    int kept = 0;
    int next = 0;
    for (int number = 1; number <= lines; number++) {
      if (next < count && offsetNumbers[next] == number) {
        next++;
      } else {
        kept++;
        putI32(itemIdAt(kept), LittleEndian.i32(bytes, itemIdAt(number)));
      }
    }
    if (next != count) {
      throw new PageException(
          "offset numbers are not those of items in order: count=" + count + ", found=" + next);
    }
    setLower(HEADER_BYTES + kept * ITEM_ID_BYTES);
    compact();
  }

  /**
   * Replaces an item of an index page by one of another length at the same offset number: the items
   * below it move. The new item's bytes are to be written by the caller.
   *
   * @return where the item begins
   */
  public int replaceIndexItem(int offsetNumber, int newLength) {
    checkHeader();
    int itemId = checkedItem(offsetNumber);
    int offset = offsetOf(itemId);
    int oldAligned = align(lengthOf(itemId));
    checkItemSpace(offsetNumber, offset, oldAligned);
    int shift = oldAligned - align(newLength);
    int upper = upper();
    if (newLength <= 0 || upper + shift < lower()) {
      throw new PageException("no room for an item: length=" + newLength);
    }
    if (shift != 0) {
      shiftItems(offset, shift);
    }
    setItemId(offsetNumber, offset + shift, flagsOf(itemId), newLength);
    return offset + shift;
  }

  /** Returns the unsigned byte at an offset of the page. */
  public int u8(int offset) {
    return bytes[at(offset, 1)] & 0xFF;
  }

  public int u16(int offset) {
    return LittleEndian.u16(bytes, at(offset, 2));
  }

  public int i32(int offset) {
    return LittleEndian.i32(bytes, at(offset, 4));
  }

  public long u32(int offset) {
    return LittleEndian.u32(bytes, at(offset, 4));
  }

  public void putU8(int offset, int value) {
    bytes[at(offset, 1)] = (byte) value;
  }

  public void putU16(int offset, int value) {
    LittleEndian.putU16(bytes, at(offset, 2), value);
  }

  public void putI32(int offset, int value) {
    LittleEndian.putI32(bytes, at(offset, 4), value);
  }

  /** Writes 64 bits, little-endian. */
  public void putI64(int offset, long value) {
    putI32(offset, (int) value);
    putI32(offset + 4, (int) (value >>> 32));
  }

  /** Fills bytes with a value. */
  public void fill(int offset, int length, int value) {
    int from = at(offset, length);
    Arrays.fill(bytes, from, from + length, (byte) value);
  }

  /** Moves bytes within the page; the stretches may overlap. */
  public void move(int from, int to, int length) {
    System.arraycopy(bytes, at(from, length), bytes, at(to, length), length);
  }

  /** Returns {@code offset} if so many bytes are there. */
  public int at(int offset, int length) {
    if (offset < 0 || length < 0 || offset > bytes.length - length) {
      throw new PageException(
          "outside of the page: offset="
              + offset
              + ", length="
              + length
              + ", page="
              + bytes.length);
    }
    return offset;
  }
}
