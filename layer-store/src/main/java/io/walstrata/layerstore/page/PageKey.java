package io.walstrata.layerstore.page;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * The key of a page: six fields {@code kind u8, spc u32, db u32, rel u32, fork u8, block u32}, 18
 * bytes big-endian in files and messages, 36 hexadecimal digits in text, ordered as unsigned bytes.
 *
 * <p>{@link #MAX} is the exclusive end of the key space and never a stored key.
 *
 * @param high the upper half of the packed form
 * @param low the lower half of the packed form
 */
public record PageKey(long high, long low) implements Comparable<PageKey> {
  /*
   * Packed form, 128 bits, so that a key is two longs everywhere in memory:
   *
   *   high: kind 8 | spc 16 | db 32 | rel bits 31..24
   *   low:  rel bits 23..0 (24) | fork 8 | block 32
   *
   * spc has 16 bits here and 32 outside. 0xFFFFFFFF ("any tablespace" in PostgreSQL's own tools) is
   * packed as 0xFFFF, which keeps the order; 0xFFFF itself is refused, as both would be one key.
   */

  /** Length of the binary form. */
  public static final int BYTES = 18;

  /** The first key. */
  public static final PageKey MIN = new PageKey(0, 0);

  /** Greater than every stored key: the exclusive end of an unbounded {@link KeyRange}. */
  public static final PageKey MAX = new PageKey(-1, -1);

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final long U32 = 0xFFFFFFFFL;
  private static final int PACKED_ANY_SPC = 0xFFFF;

  /**
   * Returns the key with these fields.
   *
   * @param kind 0 to 255
   * @param spc tablespace, 0 to 65534 or 4294967295
   * @param db database, unsigned 32 bits
   * @param rel relation, unsigned 32 bits
   * @param fork 0 to 255
   * @param block block number, unsigned 32 bits
   * @throws UnrepresentableKeyException if a field is out of its range
   */
  public static PageKey of(int kind, long spc, long db, long rel, int fork, long block) {
    check(kind >= 0 && kind <= 0xFF, "kind", kind);
    check(spc == U32 || (spc >= 0 && spc < PACKED_ANY_SPC), "spc", spc);
    check(db >= 0 && db <= U32, "db", db);
    check(rel >= 0 && rel <= U32, "rel", rel);
    check(fork >= 0 && fork <= 0xFF, "fork", fork);
    check(block >= 0 && block <= U32, "block", block);
    long packedSpc = spc & 0xFFFF;
    return new PageKey(
        (long) kind << 56 | packedSpc << 40 | db << 8 | rel >>> 24,
        (rel & 0xFFFFFF) << 40 | (long) fork << 32 | block);
  }

  private static void check(boolean fits, String field, long value) {
    if (!fits) {
      throw new UnrepresentableKeyException("key field out of range: " + field + "=" + value);
    }
  }

  /**
   * Reads the binary form, 18 bytes.
   *
   * @throws UnrepresentableKeyException if the tablespace does not fit
   * @throws IndexOutOfBoundsException if there are fewer than 18 bytes from {@code offset} on
   */
  public static PageKey read(byte[] bytes, int offset) {
    long spc = u32(bytes, offset + 1);
    long db = u32(bytes, offset + 5);
    long rel = u32(bytes, offset + 9);
    return of(
        bytes[offset] & 0xFF, spc, db, rel, bytes[offset + 13] & 0xFF, u32(bytes, offset + 14));
  }

  private static long u32(byte[] bytes, int offset) {
    return (int) INTS.get(bytes, offset) & U32;
  }

  /**
   * Parses 36 hexadecimal digits, or {@code spc.db.rel.fork.block} in decimal for a key of kind 0.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static PageKey parse(String text) {
    try {
      if (text.length() == 2 * BYTES && text.indexOf('.') < 0) {
        return read(HexFormat.of().parseHex(text), 0);
      }
      String[] fields = text.split("\\.", -1);
      if (fields.length == 5) {
        return of(
            0,
            number(fields[0]),
            number(fields[1]),
            number(fields[2]),
            (int) Math.min(number(fields[3]), Integer.MAX_VALUE),
            number(fields[4]));
      }
    } catch (UnrepresentableKeyException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(notAKey(text), e);
    }
    throw new IllegalArgumentException(notAKey(text));
  }

  /** Parses ASCII digits only: Long.parseLong takes signs, and the digits of other scripts. */
  private static long number(String digits) {
    if (digits.isEmpty() || digits.length() > 18 || !digits.chars().allMatch(PageKey::isDigit)) {
      throw new NumberFormatException("not an unsigned number: text=" + digits);
    }
    return Long.parseLong(digits);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static String notAKey(String text) {
    return "not a page key, expected 36 hex digits or spc.db.rel.fork.block: text=" + text;
  }

  public int kind() {
    return (int) (high >>> 56);
  }

  public long spc() {
    long packed = high >>> 40 & 0xFFFF;
    return packed == PACKED_ANY_SPC ? U32 : packed;
  }

  public long db() {
    return high >>> 8 & U32;
  }

  public long rel() {
    return (high & 0xFF) << 24 | low >>> 40;
  }

  public int fork() {
    return (int) (low >>> 32 & 0xFF);
  }

  public long block() {
    return low & U32;
  }

  /**
   * Returns the next key.
   *
   * @throws IllegalStateException if this is {@link #MAX}
   */
  public PageKey next() {
    if (equals(MAX)) {
      throw new IllegalStateException("there is no key after the last one");
    }
    return low == -1 ? new PageKey(high + 1, 0) : new PageKey(high, low + 1);
  }

  /** Returns the binary form, 18 bytes. */
  public byte[] toBytes() {
    byte[] bytes = new byte[BYTES];
    write(bytes, 0);
    return bytes;
  }

  /** Writes the binary form, 18 bytes. */
  public void write(byte[] bytes, int offset) {
    write(high, low, bytes, offset);
  }

  /** Writes the binary form of a packed key, 18 bytes. */
  public static void write(long high, long low, byte[] bytes, int offset) {
    int packedSpc = (int) (high >>> 40) & 0xFFFF;
    bytes[offset] = (byte) (high >>> 56);
    INTS.set(bytes, offset + 1, packedSpc == PACKED_ANY_SPC ? -1 : packedSpc);
    INTS.set(bytes, offset + 5, (int) (high >>> 8));
    INTS.set(bytes, offset + 9, (int) (high << 24 | low >>> 40));
    bytes[offset + 13] = (byte) (low >>> 32);
    INTS.set(bytes, offset + 14, (int) low);
  }

  /** Compares as the binary forms compare as unsigned bytes. */
  @Override
  public int compareTo(PageKey other) {
    return compare(high, low, other.high, other.low);
  }

  /** Compares two packed keys as {@link #compareTo} does. */
  public static int compare(long high, long low, long otherHigh, long otherLow) {
    int byHigh = Long.compareUnsigned(high, otherHigh);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, otherLow);
  }

  /**
   * Returns both text forms, for people: {@code 1663.5.16384.0.7
   * (000000067F00000005000040000000000007)}. A kind other than 0 is named, as only the digits can
   * be parsed then.
   */
  public String describe() {
    if (equals(MAX)) {
      return "end (" + this + ")";
    }
    return fields() + (kind() == 0 ? "" : " kind " + kind()) + " (" + this + ")";
  }

  /**
   * Returns {@code spc.db.rel.fork.block} in decimal, which {@link #parse} reads; of a kind other
   * than 0, which has no such form, 36 hexadecimal digits.
   */
  public String dotted() {
    return kind() == 0 ? fields() : toString();
  }

  private String fields() {
    return spc() + "." + db() + "." + rel() + "." + fork() + "." + block();
  }

  /** Returns 36 hexadecimal digits, upper case. */
  @Override
  public String toString() {
    return HexFormat.of().withUpperCase().formatHex(toBytes());
  }
}
