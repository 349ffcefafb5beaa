package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A reusable byte array that grows as it is filled. */
final class GrowingBytes {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int MAX_LENGTH = Integer.MAX_VALUE - 8; // of an array

  private byte[] array;
  private int length;

  GrowingBytes(int capacity) {
    array = new byte[capacity];
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  /** Returns the array; bytes from {@link #length()} on have no meaning. */
  byte[] array() {
    return array;
  }

  GrowingBytes key(long high, long low) {
    int at = reserve(PageKey.BYTES);
    PageKey.write(high, low, array, at);
    return this;
  }

  GrowingBytes key(PageKey key) {
    return key(key.high(), key.low());
  }

  GrowingBytes i64(long value) {
    int at = reserve(Long.BYTES);
    LONGS.set(array, at, value);
    return this;
  }

  GrowingBytes i32(int value) {
    int at = reserve(Integer.BYTES);
    INTS.set(array, at, value);
    return this;
  }

  GrowingBytes u8(int value) {
    int at = reserve(Byte.BYTES);
    array[at] = (byte) value;
    return this;
  }

  GrowingBytes bytes(byte[] source, int offset, int count) {
    int at = reserve(count);
    System.arraycopy(source, offset, array, at, count);
    return this;
  }

  GrowingBytes bytes(ValueSource source, long position, int count) throws IOException {
    int at = reserve(count);
    source.copy(position, array, at, count);
    return this;
  }

  GrowingBytes bytes(GrowingBytes source) {
    return bytes(source.array, 0, source.length);
  }

  /** Appends the checksum of all bytes before it. */
  GrowingBytes checksum() {
    return i32(Checksum.of(array, 0, length));
  }

  /** Returns the filled bytes, valid until the next change. */
  ByteBuffer filled() {
    return ByteBuffer.wrap(array, 0, length);
  }

  /** Reserves {@code more} bytes and returns the position of the first. */
  private int reserve(int more) {
    int at = length;
    if (array.length - at < more) {
      grow(Math.addExact(at, more));
    }
    length = at + more;
    return at;
  }

  private void grow(int needed) {
    int doubled = (int) Math.min(MAX_LENGTH, 2L * array.length);
    array = Arrays.copyOf(array, Math.max(needed, doubled));
  }
}
