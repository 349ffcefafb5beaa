package io.walstrata.layerstore.format;

import static io.walstrata.layerstore.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.io.ValueSource;
import io.walstrata.layerstore.page.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Gathers the versions of one block after the other. For one thread. */
final class BlockBuilder {
  /** Compressing must save this part of the body, or reading pays for nothing. */
  private static final int MIN_SAVING = 16;

  private final Compression compression;
  private final GrowingBytes runs = new GrowingBytes(BLOCK_TARGET_BYTES / 8);
  private final GrowingBytes entries = new GrowingBytes(BLOCK_TARGET_BYTES / 8);
  private final GrowingBytes values = new GrowingBytes(BLOCK_TARGET_BYTES);
  private final GrowingBytes block = new GrowingBytes(2 * BLOCK_TARGET_BYTES);
  private byte[] compressed = {};
  private int keys;
  private int versions;

  BlockBuilder(Compression compression) {
    this.compression = compression;
  }

  boolean isEmpty() {
    return versions == 0;
  }

  /** Returns how long the body gets with one more version. */
  long bodyLengthWith(boolean newKey, int valueLength) {
    return (long) BODY_RUNS
        + runs.length()
        + (newKey ? RUN_LENGTH : 0)
        + (keys > 0 ? Integer.BYTES : 0)
        + entries.length()
        + ENTRY_LENGTH
        + values.length()
        + valueLength;
  }

  /** Begins a key; the versions that follow are its. */
  void key(long high, long low) {
    endRun();
    runs.key(high, low);
    keys++;
  }

  private void endRun() {
    if (keys > 0) {
      runs.i32(versions);
    }
  }

  /** Adds a version of the current key. */
  void version(long lsn, int kind, ValueSource source, long position, int length)
      throws IOException {
    values.bytes(source, position, length);
    entries.i64(lsn).u8(kind).i32(values.length());
    versions++;
  }

  /** Returns the array whose last bytes, up to {@link #valuesEnd()}, are the last value. */
  byte[] valuesArray() {
    return values.array();
  }

  int valuesEnd() {
    return values.length();
  }

  /** Returns the block as it is stored, valid until the next call, and begins a new one. */
  ByteBuffer finish() {
    endRun();
    int bodyLength = BODY_RUNS + runs.length() + entries.length() + values.length();
    block.clear();
    block.u8(Compression.NONE.id()).i32(bodyLength);
    block.i32(keys).i32(versions).bytes(runs).bytes(entries).bytes(values);
    if (compression != Compression.NONE) {
      compress(bodyLength);
    }
    keys = 0;
    versions = 0;
    runs.clear();
    entries.clear();
    values.clear();
    return block.checksum().filled();
  }

  private void compress(int bodyLength) {
    int max = BlockCodec.maxLength(compression, bodyLength);
    compressed = compressed.length < max ? new byte[max] : compressed;
    int length =
        BlockCodec.compress(compression, block.array(), BLOCK_STORED, bodyLength, compressed);
    if (length <= bodyLength - bodyLength / MIN_SAVING) {
      block.clear();
      block.u8(compression.id()).i32(bodyLength).bytes(compressed, 0, length);
    }
  }
}
