package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Writes a delta layer file front to back: versions in order, then {@link #finish}. For one thread.
 * Does not publish the file.
 */
public final class DeltaLayerWriter {
  /** The heap that writing a file takes for each key: the filter, and its encoded bytes. */
  public static final int BYTES_PER_KEY = 3;

  /**
   * The heap that writing any file takes: the parts of a block, the start of the index, a buffer.
   */
  public static final int BYTES_PER_FILE = 96 << 10;

  /**
   * The number of copies of a value that may be in memory while it is written, as a block's parts
   * grow.
   */
  public static final int COPIES_OF_A_VALUE = 4;

  private final LayerFileOutput out;
  private final TimelineId timeline;
  private final KeyRange keyRange;
  private final LsnRange lsnRange;
  private final int blockTargetBytes;

  private final BlockBuilder block;
  private final GrowingBytes index = new GrowingBytes(4096);
  private final ContentDigest digest;
  private final KeyFilterBuilder filter;
  private final long expectedKeys;

  // The last version's key and LSN, as primitives, because each version is compared with them.
  private long lastHigh;
  private long lastLow;
  private long lastLsn;
  private long lastKeyHash;
  private long keys;
  private long versions;
  private long valueBytes;
  private long blocks;

  /**
   * Writes the header.
   *
   * @param out an empty file
   * @param keyRange from the first key, inclusive, to the end of the last, exclusive; of versions
   *     and tombstones
   * @param lsnRange from the first LSN, inclusive, to the one after the last, exclusive; of
   *     versions and tombstones
   * @param keys number of distinct keys of the versions that will be added
   */
  public DeltaLayerWriter(
      LayerFileOutput out,
      TimelineId timeline,
      KeyRange keyRange,
      LsnRange lsnRange,
      long keys,
      Compression compression)
      throws IOException {
    this(out, timeline, keyRange, lsnRange, keys, compression, BLOCK_TARGET_BYTES);
  }

  /**
   * Creates a writer of blocks of another length, so that a test has many of them in a small file.
   */
  DeltaLayerWriter(
      LayerFileOutput out,
      TimelineId timeline,
      KeyRange keyRange,
      LsnRange lsnRange,
      long keys,
      Compression compression,
      int blockTargetBytes)
      throws IOException {
    this.blockTargetBytes = blockTargetBytes;
    this.out = out;
    this.timeline = timeline;
    this.keyRange = keyRange;
    this.lsnRange = lsnRange;
    expectedKeys = keys;
    block = new BlockBuilder(compression);
    digest = new ContentDigest(timeline);
    filter = new KeyFilterBuilder(keys);
    out.write(ByteBuffer.wrap(FooterCodec.encodeHeader(timeline, keyRange, lsnRange)));
  }

  /**
   * Adds a version.
   *
   * @param keyHigh {@link PageKey#high()}
   * @param keyLow {@link PageKey#low()}
   * @param lsn {@link Lsn#value()}
   * @param values has the value, {@code length} bytes at {@code position}; it may be read until a
   *     later version is added, or {@link #finish} is called
   * @throws IllegalArgumentException if it is not after the one before by key and LSN, lies outside
   *     the layer's ranges, or the value is longer than {@link Value#MAX_BYTES}
   */
  public void add(
      long keyHigh,
      long keyLow,
      long lsn,
      ValueKind kind,
      ValueSource values,
      long position,
      int length)
      throws IOException {
    boolean isNewKey = versions == 0 || keyHigh != lastHigh || keyLow != lastLow;
    check(keyHigh, keyLow, lsn, length, isNewKey);
    if (!block.isEmpty() && block.bodyLengthWith(isNewKey, length) > blockTargetBytes) {
      finishBlock();
    }
    if (isNewKey) {
      lastKeyHash = Mix.hash(new PageKey(keyHigh, keyLow));
      filter.add(lastKeyHash);
      keys++;
    }
    if (block.isEmpty()) {
      index.key(keyHigh, keyLow).i64(lsn).i64(out.position());
    }
    if (isNewKey || block.isEmpty()) {
      block.key(keyHigh, keyLow);
    }
    long hash = digest.hash(lastKeyHash, lsn, kind.id());
    block.version(lsn, kind.id(), hash, values, position, length);
    versions++;
    valueBytes += length;
    lastHigh = keyHigh;
    lastLow = keyLow;
    lastLsn = lsn;
  }

  private void check(long keyHigh, long keyLow, long lsn, int length, boolean isNewKey) {
    boolean follows =
        isNewKey
            ? versions == 0 || PageKey.compare(keyHigh, keyLow, lastHigh, lastLow) > 0
            : Long.compareUnsigned(lsn, lastLsn) > 0;
    PageKey start = keyRange.startKey();
    PageKey end = keyRange.endKey();
    boolean isInside =
        Long.compareUnsigned(lsn, lsnRange.startLsn().value()) >= 0
            && Long.compareUnsigned(lsn, lsnRange.endLsn().value()) < 0
            && PageKey.compare(keyHigh, keyLow, start.high(), start.low()) >= 0
            && PageKey.compare(keyHigh, keyLow, end.high(), end.low()) < 0;
    if (!follows || !isInside || length < 0 || length > Value.MAX_BYTES) {
      throw new IllegalArgumentException(
          "version out of order, outside the layer, or too long: key="
              + new PageKey(keyHigh, keyLow)
              + ", lsn="
              + Lsn.of(lsn)
              + ", length="
              + length
              + ", after="
              + (versions == 0 ? "none" : new PageKey(lastHigh, lastLow) + "@" + Lsn.of(lastLsn))
              + ", keyRange="
              + keyRange
              + ", lsnRange="
              + lsnRange);
    }
  }

  private void finishBlock() throws IOException {
    block.finish(out, digest);
    blocks++;
  }

  /**
   * Writes the rest of the file.
   *
   * @param tombstones sorted, none twice, inside the layer's ranges
   * @param startOffset the first log offset whose versions the layer may hold
   * @param endOffset the first log offset after those
   * @throws IllegalArgumentException if the tombstones are not sorted or outside the ranges, the
   *     layer is empty, or the number of keys is not the expected one
   */
  public DeltaLayerFooter finish(List<Tombstone> tombstones, long startOffset, long endOffset)
      throws IOException {
    if (versions == 0 && tombstones.isEmpty()) {
      throw new IllegalArgumentException(
          "a layer must have a version or a tombstone: timeline=" + timeline);
    }
    if (keys != expectedKeys) {
      throw new IllegalArgumentException(
          "the number of keys is not the expected one: expected="
              + expectedKeys
              + ", actual="
              + keys);
    }
    if (!block.isEmpty()) {
      finishBlock();
    }
    final long indexPosition = out.position();
    out.write(index.checksum().filled());
    final long tombstonesPosition = out.position();
    out.write(encode(tombstones).filled());
    final long filterPosition = out.position();
    out.write(ByteBuffer.wrap(filter.encode()));
    DeltaLayerFooter footer =
        new DeltaLayerFooter(
            VERSION,
            timeline,
            keyRange,
            lsnRange,
            startOffset,
            endOffset,
            versions,
            keys,
            tombstones.size(),
            valueBytes,
            blocks,
            digest.value(),
            indexPosition,
            tombstonesPosition,
            filterPosition,
            out.position(),
            out.position() + FOOTER_LENGTH);
    out.write(ByteBuffer.wrap(FooterCodec.encodeFooter(footer)));
    return footer;
  }

  private GrowingBytes encode(List<Tombstone> tombstones) {
    GrowingBytes bytes = new GrowingBytes(tombstones.size() * TOMBSTONE_LENGTH + Checksum.BYTES);
    Tombstone last = null;
    for (Tombstone tombstone : tombstones) {
      KeyRange keys = tombstone.keys();
      boolean inside =
          keys.startKey().compareTo(keyRange.startKey()) >= 0
              && keys.endKey().compareTo(keyRange.endKey()) <= 0
              && lsnRange.contains(tombstone.lsn());
      if (!inside || (last != null && tombstone.compareTo(last) <= 0)) {
        throw new IllegalArgumentException(
            "tombstone out of order or outside the layer: tombstone="
                + tombstone
                + ", after="
                + last);
      }
      bytes.key(keys.startKey()).key(keys.endKey()).i64(tombstone.lsn().value());
      digest.add(tombstone);
      last = tombstone;
    }
    return bytes.checksum();
  }
}
