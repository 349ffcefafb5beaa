package io.walstrata.layerstore.format;

import static io.walstrata.layerstore.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.io.LayerFileOutput;
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
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a delta layer file front to back: versions in order, then {@link #finish}. For one thread.
 * Does not publish the file.
 */
public final class DeltaLayerWriter {
  private final LayerFileOutput out;
  private final TimelineId timeline;
  private final KeyRange keyRange;
  private final LsnRange lsnRange;
  private final int blockTargetBytes;

  private final GrowingBytes entries = new GrowingBytes(BLOCK_TARGET_BYTES / 4);
  private final GrowingBytes values = new GrowingBytes(BLOCK_TARGET_BYTES);
  private final GrowingBytes block = new GrowingBytes(BLOCK_TARGET_BYTES);
  private final GrowingBytes index = new GrowingBytes(4096);
  private int entriesInBlock;
  private @Nullable PageKey lastKey;
  private Lsn lastLsn = Lsn.INVALID;

  private long[] keyHashes = new long[1024];
  private int keys;
  private long versions;
  private long valueBytes;
  private long blocks;

  /**
   * Writes the header.
   *
   * @param out a file with nothing in it yet
   * @param keyRange from the first key to behind the last, of versions and tombstones
   * @param lsnRange from the first LSN to behind the last, of versions and tombstones
   */
  public DeltaLayerWriter(
      LayerFileOutput out, TimelineId timeline, KeyRange keyRange, LsnRange lsnRange)
      throws IOException {
    this(out, timeline, keyRange, lsnRange, BLOCK_TARGET_BYTES);
  }

  /** Writes blocks of another length, so that a test has many of them in a small file. */
  DeltaLayerWriter(
      LayerFileOutput out,
      TimelineId timeline,
      KeyRange keyRange,
      LsnRange lsnRange,
      int blockTargetBytes)
      throws IOException {
    this.blockTargetBytes = blockTargetBytes;
    this.out = out;
    this.timeline = timeline;
    this.keyRange = keyRange;
    this.lsnRange = lsnRange;
    out.write(ByteBuffer.wrap(FooterCodec.encodeHeader(timeline, keyRange, lsnRange)));
  }

  /**
   * Adds a version whose value is {@code length} bytes of {@code value}.
   *
   * @throws IllegalArgumentException if it does not follow the one before by key and LSN, lies
   *     outside the layer's ranges, or the value is longer than {@link Value#MAX_BYTES}
   */
  public void add(PageKey key, Lsn lsn, ValueKind kind, byte[] value, int offset, int length)
      throws IOException {
    checkNext(key, lsn, length);
    if (!key.equals(lastKey)) {
      addToFilter(key);
    }
    long grown = (long) BLOCK_OVERHEAD + entries.length() + ENTRY_LENGTH + values.length() + length;
    if (entriesInBlock > 0 && grown > blockTargetBytes) {
      finishBlock();
    }
    if (entriesInBlock == 0) {
      index.key(key).i64(lsn.value()).i64(out.position());
    }
    values.bytes(value, offset, length);
    entries.key(key).i64(lsn.value()).u8(kind.id()).i32(values.length());
    entriesInBlock++;
    versions++;
    valueBytes += length;
    lastKey = key;
    lastLsn = lsn;
  }

  private void checkNext(PageKey key, Lsn lsn, int length) {
    int order = lastKey == null ? 1 : key.compareTo(lastKey);
    if (order < 0 || (order == 0 && !lsn.isAfter(lastLsn))) {
      throw new IllegalArgumentException(
          "versions out of order: key="
              + key
              + ", lsn="
              + lsn
              + ", after="
              + lastKey
              + "@"
              + lastLsn);
    }
    if (!keyRange.contains(key) || !lsnRange.contains(lsn)) {
      throw new IllegalArgumentException(
          "version outside the layer: key="
              + key
              + ", lsn="
              + lsn
              + ", keyRange="
              + keyRange
              + ", lsnRange="
              + lsnRange);
    }
    if (length > Value.MAX_BYTES) {
      throw new IllegalArgumentException(
          "value too long: key=" + key + ", lsn=" + lsn + ", length=" + length);
    }
  }

  private void addToFilter(PageKey key) {
    if (keys == keyHashes.length) {
      keyHashes = Arrays.copyOf(keyHashes, Math.multiplyExact(keys, 2));
    }
    keyHashes[keys++] = KeyFilter.hash(key);
  }

  private void finishBlock() throws IOException {
    block.clear();
    block.i32(entriesInBlock).i32(values.length()).bytes(entries).bytes(values).checksum();
    out.write(block.filled());
    blocks++;
    entriesInBlock = 0;
    entries.clear();
    values.clear();
  }

  /**
   * Writes the rest of the file.
   *
   * @param tombstones sorted, none twice, inside the layer's ranges
   * @param startOffset first log offset that the layer may hold versions of
   * @param endOffset first log offset behind those
   * @throws IllegalArgumentException if the tombstones are not as said, or the layer is empty
   */
  public DeltaLayerFooter finish(List<Tombstone> tombstones, long startOffset, long endOffset)
      throws IOException {
    if (versions == 0 && tombstones.isEmpty()) {
      throw new IllegalArgumentException("a layer must hold something: timeline=" + timeline);
    }
    if (entriesInBlock > 0) {
      finishBlock();
    }
    final long indexPosition = out.position();
    out.write(index.checksum().filled());
    final long tombstonesPosition = out.position();
    out.write(encode(tombstones).filled());
    final long filterPosition = out.position();
    out.write(ByteBuffer.wrap(filter().encode()));
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
            indexPosition,
            tombstonesPosition,
            filterPosition,
            out.position(),
            out.position() + FOOTER_LENGTH);
    out.write(ByteBuffer.wrap(FooterCodec.encodeFooter(footer)));
    return footer;
  }

  private KeyFilter filter() {
    KeyFilter filter = KeyFilter.forKeys(keys);
    for (int i = 0; i < keys; i++) {
      filter.add(keyHashes[i]);
    }
    return filter;
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
      last = tombstone;
    }
    return bytes.checksum();
  }
}
