package io.walstrata.layerstore.page;

import java.util.HexFormat;

/**
 * A log position of a timeline: an unsigned 64-bit number, printed {@code 16/B374D848}.
 *
 * <p>{@link #INVALID} (0) and {@link #MAX} (2^64-1) are never the LSN of a version: the first means
 * "none", the second is the exclusive end of an unbounded {@link LsnRange}.
 *
 * @param value the 64 bits, to be read as unsigned
 */
public record Lsn(long value) implements Comparable<Lsn> {
  /** "No LSN": below every version. */
  public static final Lsn INVALID = new Lsn(0);

  /** Above every version; the exclusive end of an unbounded range. */
  public static final Lsn MAX = new Lsn(-1);

  /** Returns the LSN with these 64 bits, read as unsigned. */
  public static Lsn of(long value) {
    return new Lsn(value);
  }

  /**
   * Parses the text form: two hexadecimal numbers of at most 32 bits each with a slash between
   * them.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    if (isNumber(text, 0, slash) && isNumber(text, slash + 1, text.length())) {
      long high = Long.parseLong(text, 0, slash, 16);
      return new Lsn(high << 32 | Long.parseLong(text, slash + 1, text.length(), 16));
    }
    throw new IllegalArgumentException(
        "not an LSN, expected two hexadecimal numbers like 16/B374D848: text=" + text);
  }

  /**
   * Returns whether these are one to eight hexadecimal ASCII digits: other scripts have digits too.
   */
  private static boolean isNumber(String text, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!HexFormat.isHexDigit(text.charAt(i))) {
        return false;
      }
    }
    return start < end && end - start <= 8;
  }

  /**
   * Returns whether a version can carry this LSN: anything but {@link #INVALID} and {@link #MAX}.
   */
  public boolean isValid() {
    return value != 0 && value != -1;
  }

  /**
   * Returns the next LSN.
   *
   * @throws IllegalStateException if this is {@link #MAX}
   */
  public Lsn next() {
    if (value == -1) {
      throw new IllegalStateException("there is no LSN after the last one");
    }
    return new Lsn(value + 1);
  }

  public boolean isBefore(Lsn other) {
    return compareTo(other) < 0;
  }

  public boolean isAfter(Lsn other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return String.format("%X/%X", value >>> 32, value & 0xFFFFFFFFL);
  }
}
