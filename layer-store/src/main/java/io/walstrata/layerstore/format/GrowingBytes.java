package io.walstrata.layerstore.format;

import io.walstrata.layerstore.io.ValueSource;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A buffer that grows as it is filled, and is used again. */
final class GrowingBytes {
  private ByteBuffer buffer;

  GrowingBytes(int capacity) {
    buffer = ByteBuffer.allocate(capacity);
  }

  int length() {
    return buffer.position();
  }

  void clear() {
    buffer.clear();
  }

  /** Returns the bytes; those behind {@link #length()} mean nothing. */
  byte[] array() {
    return buffer.array();
  }

  GrowingBytes key(long high, long low) {
    reserve(PageKey.BYTES);
    PageKey.write(high, low, buffer.array(), buffer.position());
    buffer.position(buffer.position() + PageKey.BYTES);
    return this;
  }

  GrowingBytes key(PageKey key) {
    return key(key.high(), key.low());
  }

  GrowingBytes i64(long value) {
    reserve(Long.BYTES).putLong(value);
    return this;
  }

  GrowingBytes i32(int value) {
    reserve(Integer.BYTES).putInt(value);
    return this;
  }

  GrowingBytes u8(int value) {
    reserve(Byte.BYTES).put((byte) value);
    return this;
  }

  GrowingBytes bytes(byte[] source, int offset, int length) {
    reserve(length).put(source, offset, length);
    return this;
  }

  GrowingBytes bytes(ValueSource source, long position, int length) throws IOException {
    reserve(length);
    source.copy(position, buffer.array(), buffer.position(), length);
    buffer.position(buffer.position() + length);
    return this;
  }

  GrowingBytes bytes(GrowingBytes source) {
    return bytes(source.buffer.array(), 0, source.length());
  }

  /** Appends the checksum of everything before. */
  GrowingBytes checksum() {
    return i32(Checksum.of(buffer.array(), 0, buffer.position()));
  }

  /** Returns what was filled in, valid until the next change. */
  ByteBuffer filled() {
    return ByteBuffer.wrap(buffer.array(), 0, buffer.position());
  }

  private ByteBuffer reserve(int more) {
    if (buffer.remaining() < more) {
      int needed = Math.addExact(buffer.position(), more);
      int doubled = (int) Math.min(Integer.MAX_VALUE - 8L, 2L * buffer.capacity());
      ByteBuffer grown = ByteBuffer.allocate(Math.max(needed, doubled));
      buffer = grown.put(buffer.flip());
    }
    return buffer;
  }
}
