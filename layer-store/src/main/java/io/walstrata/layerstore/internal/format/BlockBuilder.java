package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.home.LayerFileOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Builds the blocks of a file, one at a time, from its versions. For one thread. */
final class BlockBuilder {
  /*
   * A block of short values holds a hundred versions or more, so work is done once for a block
   * where possible: values that are adjacent in their source, as those of keys that were written in
   * order, are copied together, and all values are hashed in one loop.
   */
  /**
   * Compression must save this part of the body, one in this many, or it only makes reading slower.
   */
  private static final int MIN_SAVING = 16;

  private final Compression compression;
  private final GrowingBytes runs = new GrowingBytes(BLOCK_TARGET_BYTES / 8);
  private final GrowingBytes entries = new GrowingBytes(BLOCK_TARGET_BYTES / 8);
  private final GrowingBytes values = new GrowingBytes(BLOCK_TARGET_BYTES);
  private final GrowingBytes block = new GrowingBytes(2 * BLOCK_TARGET_BYTES);
  private long[] hashes = new long[BLOCK_TARGET_BYTES / ENTRY_LENGTH]; // version -> all but value
  private int[] ends = new int[BLOCK_TARGET_BYTES / ENTRY_LENGTH]; // version -> value's end
  private byte[] compressed = {};
  private int keys;
  private int versions;
  private int valuesLength; // including those that are not copied yet

  // Values that are not copied yet: a piece of one source.
  private @Nullable ValueSource source;
  private long sourcePosition;
  private int sourceLength;

  BlockBuilder(Compression compression) {
    this.compression = compression;
  }

  boolean isEmpty() {
    return versions == 0;
  }

  /** Returns the length of the body with one more version. */
  long bodyLengthWith(boolean newKey, int valueLength) {
    return (long) BODY_RUNS
        + runs.length()
        + (newKey ? RUN_LENGTH : 0)
        + (keys > 0 ? Integer.BYTES : 0)
        + entries.length()
        + ENTRY_LENGTH
        + valuesLength
        + valueLength;
  }

  /** Begins a key, to which the following versions belong. */
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

  /**
   * Adds a version of the current key.
   *
   * @param hash the version's hash for the content digest, without the value
   * @param from has the value, until the block is finished
   */
  void version(long lsn, int kind, long hash, ValueSource from, long position, int length)
      throws IOException {
    if (from != source || position != sourcePosition + sourceLength) {
      copyValues();
      source = from;
      sourcePosition = position;
    }
    sourceLength += length;
    valuesLength += length;
    entries.i64(lsn).u8(kind).i32(valuesLength);
    if (versions == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * versions);
      ends = Arrays.copyOf(ends, 2 * versions);
    }
    hashes[versions] = hash;
    ends[versions] = valuesLength;
    versions++;
  }

  private void copyValues() throws IOException {
    ValueSource from = source;
    if (from != null) {
      values.bytes(from, sourcePosition, sourceLength);
      source = null;
      sourceLength = 0;
    }
  }

  /** Writes the block, adds its versions to the digest, and begins a new one. */
  void finish(LayerFileOutput out, ContentDigest digest) throws IOException {
    copyValues();
    digest.add(hashes, values.array(), ends, versions);
    endRun();
    int bodyLength = BODY_RUNS + runs.length() + entries.length() + values.length();
    block.clear();
    block.u8(Compression.NONE.id()).i32(bodyLength);
    block.i32(keys).i32(versions).bytes(runs).bytes(entries);
    if (compression == Compression.NONE) {
      writeUncompressed(out);
    } else {
      block.bytes(values);
      compress(bodyLength);
      out.write(block.checksum().filled());
    }
    keys = 0;
    versions = 0;
    valuesLength = 0;
    runs.clear();
    entries.clear();
    values.clear();
  }

  private void writeUncompressed(LayerFileOutput out) throws IOException {
    int checksum =
        Checksum.of(block.array(), 0, block.length(), values.array(), 0, values.length());
    out.write(block.filled());
    out.write(values.filled());
    out.write(ByteBuffer.allocate(Checksum.BYTES).putInt(checksum).flip());
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
