package io.walstrata.schemas.serde;

import java.util.Objects;

/**
 * A cursor over Avro binary that never reads past the end and believes no length before it has
 * compared it with what is left. Nothing is allocated and nothing is copied: {@code bytes} and
 * {@code fixed} values are told by where they start. Not thread-safe; reused by {@link #reset}.
 */
public final class AvroInput {
  private static final byte[] NOTHING = {};

  private byte[] bytes = NOTHING;
  private int start;
  private int position;
  private int end;

  /**
   * Starts again on {@code length} bytes at {@code offset}.
   *
   * @throws IndexOutOfBoundsException if they are not inside the array
   */
  public void reset(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    this.bytes = bytes;
    this.start = offset;
    this.position = offset;
    this.end = offset + length;
  }

  /** Returns the index in the array of the next byte. */
  public int position() {
    return position;
  }

  /** Returns how many bytes are left. */
  public int remaining() {
    return end - position;
  }

  /**
   * Goes back, or forth, to where {@link #position} was before.
   *
   * @throws IndexOutOfBoundsException if that is outside the input
   */
  public void seek(int position) {
    if (position < start || position > end) {
      throw new IndexOutOfBoundsException(
          "position outside the input: position=" + position + ", start=" + start + ", end=" + end);
    }
    this.position = position;
  }

  /**
   * Reads a {@code long}.
   *
   * @throws MalformedMessageException if it is cut short or longer than 64 bits
   */
  public long readLong() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (position == end) {
        throw cutShort("number", 1);
      }
      byte b = bytes[position++];
      if (shift == 63 && (b & 0xFE) != 0) {
        break;
      }
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value >>> 1 ^ -(value & 1);
      }
    }
    throw malformed("number of more than 64 bits");
  }

  /**
   * Reads an {@code int}.
   *
   * @throws MalformedMessageException if it is cut short or outside 32 bits
   */
  public int readInt() {
    long value = readLong();
    if (value != (int) value) {
      throw malformed("number of more than 32 bits: value=" + value);
    }
    return (int) value;
  }

  /**
   * Reads a {@code boolean}.
   *
   * @throws MalformedMessageException if it is cut short or neither 0 nor 1
   */
  public boolean readBoolean() {
    byte b = bytes[skip(1)];
    if (b != 0 && b != 1) {
      throw malformed("boolean is neither 0 nor 1: value=" + b);
    }
    return b == 1;
  }

  /**
   * Reads the index of an enum symbol or of a union's branch.
   *
   * @throws MalformedMessageException if it is not below {@code count}
   */
  public int readIndex(int count) {
    int index = readInt();
    if (index < 0 || index >= count) {
      throw malformed("no such symbol or branch: index=" + index + ", count=" + count);
    }
    return index;
  }

  /**
   * Reads the length of a {@code bytes} or {@code string}; its content starts at {@link #position}
   * and is all there.
   *
   * @throws MalformedMessageException if the length is negative or more than what is left
   */
  public int readLength() {
    long length = readLong();
    if (length < 0 || length > remaining()) {
      throw malformed("length outside the message: length=" + length + ", left=" + remaining());
    }
    return (int) length;
  }

  /**
   * Passes over {@code count} bytes, such as those of a {@code fixed}, and returns where they
   * start.
   *
   * @throws MalformedMessageException if there are not so many left
   */
  public int skip(int count) {
    if (count > remaining()) {
      throw cutShort("value", count);
    }
    int at = position;
    position += count;
    return at;
  }

  /**
   * Reads the head of an array's or map's next block and returns how many items it has; 0 is the
   * end of the array. The length in bytes, which a block may also tell, is checked and passed over.
   *
   * @param minItemBytes the least an item takes, at least 1
   * @throws MalformedMessageException if so many items cannot be in what is left
   */
  public int readBlock(int minItemBytes) {
    long count = readLong();
    if (count < 0) {
      count = -count;
      readLength();
    }
    if (count < 0 || count > remaining() / minItemBytes) {
      throw malformed(
          "more items than the message can hold: items=" + count + ", left=" + remaining());
    }
    return (int) count;
  }

  /**
   * Checks that nothing is left.
   *
   * @throws MalformedMessageException if something is
   */
  public void requireEnd() {
    if (position != end) {
      throw malformed("bytes behind the end of the message: left=" + remaining());
    }
  }

  private MalformedMessageException cutShort(String what, int needed) {
    return malformed(
        "message cut short in a " + what + ": needed=" + needed + ", left=" + remaining());
  }

  /** Returns an exception that also says where the input was. */
  public MalformedMessageException malformed(String what) {
    return new MalformedMessageException(what + ", at=" + (position - start) + " of the body");
  }
}
