package io.walstrata.schemas.serde;

import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.InterruptException;

/**
 * A cursor over Avro binary that never reads past the end and compares every length with what is
 * left before it is used. Nothing is allocated and nothing is copied: {@code bytes} and {@code
 * fixed} values are given as the position at which they start. Not thread-safe; reused by {@link
 * #reset}.
 */
public final class AvroInput {
  /*
   * Values of no bytes (nulls, empty records, fixed of size 0) can be more in number than the
   * message has bytes, and in arrays of arrays any power of that. So each value that is read along a
   * schema counts as a step, and the steps of a message are limited by its length.
   */

  /**
   * How many steps each byte of a message allows. A usual schema needs three at most: for an array
   * item of one byte in a union in a record.
   */
  static final int STEPS_PER_BYTE = 8;

  /**
   * How many steps a message of any length is allowed: more than the largest schema has fields, see
   * {@link WriterSchema#MAX_CHARS}.
   */
  static final int STEPS_PER_MESSAGE = 20_000;

  /** Steps between two checks whether to stop: microseconds. A power of two. */
  private static final int STEPS_PER_CHECK = 4096;

  private static final byte[] NOTHING = {};
  private static final int NO_END = -1;

  private final BooleanSupplier isStopped;

  private byte[] bytes = NOTHING;
  private int start;
  private int position;
  private int end;
  private int blockEnd;
  private long steps;
  private long maxSteps;

  /** Returns a cursor over nothing; {@link #reset} it. */
  public AvroInput() {
    this(() -> false);
  }

  /**
   * @param isStopped whether to give up; called now and then by the thread that reads
   */
  AvroInput(BooleanSupplier isStopped) {
    this.isStopped = isStopped;
  }

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
    blockEnd = NO_END;
    steps = 0;
    maxSteps = (long) STEPS_PER_BYTE * length + STEPS_PER_MESSAGE;
  }

  /**
   * Counts one value, of any length.
   *
   * @throws MalformedMessageException if a message of this length cannot have so many
   * @throws ReadingStoppedException if the reader was closed
   * @throws InterruptException if the thread was interrupted; the interrupt status is set
   */
  void step() {
    if (++steps > maxSteps) {
      throw malformed(
          "more values than the message's length explains: most="
              + maxSteps
              + ", bytes="
              + length());
    }
    if ((steps & (STEPS_PER_CHECK - 1)) == 0) {
      checkStopped();
    }
  }

  private void checkStopped() {
    if (isStopped.getAsBoolean()) {
      throw new ReadingStoppedException(
          "closed while a message was read: at=" + (position - start) + ", bytes=" + length());
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptException("interrupted while a message was read");
    }
  }

  /** Returns how many values have been counted since the last {@link #reset}. */
  long steps() {
    return steps;
  }

  private int length() {
    return end - start;
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
   * Moves to an earlier or a later {@link #position}.
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
   * Skips {@code count} bytes, such as those of a {@code fixed}, and returns where they start.
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

  /** Copies bytes of the input that start at a {@link #position}. */
  void copy(int from, byte[] target, int at, int count) {
    System.arraycopy(bytes, from, target, at, count);
  }

  /**
   * Reads the head of an array's or map's next block and returns how many items it has; 0 is the
   * end of the array. A block may also state its length in bytes: get {@link #blockEnd} before the
   * items are read, and check it with {@link #requireBlockEnd} after them.
   *
   * @param minItemBytes the least an item takes; 0 if it may take nothing, and each is a {@link
   *     #step}
   * @throws MalformedMessageException if so many items cannot be in what is left
   */
  public int readBlock(int minItemBytes) {
    long count = readLong();
    blockEnd = NO_END;
    if (count < 0) {
      count = -count;
      int length = readLength();
      blockEnd = position + length;
    }
    int most = minItemBytes == 0 ? Integer.MAX_VALUE : remaining() / minItemBytes;
    if (count < 0 || count > most) {
      throw malformed(
          "more items than the message can hold: items=" + count + ", left=" + remaining());
    }
    return (int) count;
  }

  /**
   * Returns where the block whose head was read last ends; negative if the head does not state it.
   */
  public int blockEnd() {
    return blockEnd;
  }

  /**
   * Checks that a block ends where its head states: readers that skip it by its length and readers
   * that skip its items must end at the same position.
   *
   * @param blockEnd what {@link #blockEnd} was
   * @throws MalformedMessageException if it does not
   */
  public void requireBlockEnd(int blockEnd) {
    if (blockEnd >= 0 && position != blockEnd) {
      throw malformed(
          "block's length is not that of its items: end="
              + (blockEnd - start)
              + ", itemsEnd="
              + (position - start));
    }
  }

  /**
   * Checks that nothing is left.
   *
   * @throws MalformedMessageException if something is
   */
  public void requireEnd() {
    if (position != end) {
      throw malformed("bytes after the end of the message: left=" + remaining());
    }
  }

  private MalformedMessageException cutShort(String what, int needed) {
    return malformed(
        "message cut short in a " + what + ": needed=" + needed + ", left=" + remaining());
  }

  /** Returns an exception whose message also has the position. */
  public MalformedMessageException malformed(String what) {
    return new MalformedMessageException(what + ", at=" + (position - start) + " of the body");
  }
}
