package io.walstrata.layerstore.page;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The id of a timeline, one totally ordered history of changes: 16 bytes, printed as 32 hexadecimal
 * digits.
 *
 * @param high bytes 0 to 7, big-endian
 * @param low bytes 8 to 15, big-endian
 */
public record TimelineId(long high, long low) implements Comparable<TimelineId> {
  /** Length of the binary form. */
  public static final int BYTES = 16;

  /**
   * Parses 32 hexadecimal digits.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static TimelineId parse(String text) {
    if (text.length() != 2 * BYTES) {
      throw new IllegalArgumentException("not a timeline, expected 32 hex digits: text=" + text);
    }
    try {
      return of(HexFormat.of().parseHex(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a timeline, expected 32 hex digits: text=" + text, e);
    }
  }

  /** Parses the digits as {@link #toString} returns them; empty if the text is anything else. */
  public static Optional<TimelineId> tryParse(String text) {
    if (text.length() != 2 * BYTES) {
      return Optional.empty();
    }
    for (int i = 0; i < text.length(); i++) {
      char digit = text.charAt(i);
      if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
        return Optional.empty();
      }
    }
    return Optional.of(parse(text));
  }

  /**
   * Reads the binary form.
   *
   * @throws IllegalArgumentException if there are not exactly 16 bytes
   */
  public static TimelineId of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "a timeline's id must have 16 bytes: length=" + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new TimelineId(buffer.getLong(), buffer.getLong());
  }

  /** Returns the binary form, 16 bytes. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
  }

  /** Compares as unsigned bytes. */
  @Override
  public int compareTo(TimelineId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
