package io.walstrata.harness.bench;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The versions that a cell writes: whole images in batches of 16, each after a prefix of 12 bytes,
 * so that as many bytes are ingested as in Neon's benchmark, where the prefix is part of the value.
 */
final class IngestWorkload {
  static final TimelineId TIMELINE = new TimelineId(1, 1);
  static final int BATCH = 16;

  /** In front of each value: a tag of 4 bytes, and its length in 8. */
  static final int PREFIX_BYTES = 12;

  private static final long FIRST_LSN = 1000;

  private final KeyLayout layout;
  private final int valueBytes;
  private final int versions;
  private final byte[] value;

  /** The values of one batch after the other: the measured program does not pay for making them. */
  private final ByteBuffer raw;

  /**
   * @param valueBytes size of each value without its prefix; at least 8
   * @param volumeMib how much to write, in MiB of values without prefixes
   */
  IngestWorkload(KeyLayout layout, int valueBytes, int volumeMib) {
    this.layout = layout;
    this.valueBytes = valueBytes;
    versions = Math.toIntExact(((long) volumeMib << 20) / valueBytes);
    value = new byte[valueBytes];
    raw = ByteBuffer.allocate(BATCH * storedBytes());
  }

  int versions() {
    return versions;
  }

  /** Returns the length of each value in the store. */
  int storedBytes() {
    return PREFIX_BYTES + valueBytes;
  }

  int block(int number) {
    return layout.block(number);
  }

  Lsn lsn(int number) {
    return Lsn.of(lsnValue(number));
  }

  private long lsnValue(int number) {
    return FIRST_LSN + (number + 1L) * valueBytes;
  }

  static PageKey key(int block) {
    return new PageKey(0, Integer.toUnsignedLong(block));
  }

  /** Fills a batch with the versions from {@code first} on, and returns how many those are. */
  int fill(ValueBatch batch, int first) {
    int count = Math.min(BATCH, versions - first);
    batch.reset(TIMELINE, raw.array(), 0, count * storedBytes());
    ByteBuffer bytes = raw.clear();
    for (int i = 0; i < count; i++) {
      int number = first + i;
      int offset = bytes.position();
      putValue(bytes, number);
      batch.add(
          0,
          Integer.toUnsignedLong(block(number)),
          lsnValue(number),
          offset,
          storedBytes(),
          ValueKind.IMAGE);
    }
    return count;
  }

  /** The version's number is in its first bytes, so that it differs from all others. */
  private void putValue(ByteBuffer bytes, int number) {
    bytes.putInt(0).putLong(valueBytes);
    int start = bytes.position();
    bytes.put(value).putLong(start, number);
  }

  /**
   * Reads a version from the store.
   *
   * @throws IOException if it is not there, or another one instead
   */
  void check(LayerStore store, int number) throws IOException {
    ReconstructData data = store.get(TIMELINE, key(block(number)), lsn(number));
    ByteBuffer expected = ByteBuffer.allocate(storedBytes());
    putValue(expected, number);
    if (data.base() == null
        || !data.base().lsn().equals(lsn(number))
        || !Arrays.equals(data.base().value().bytes(), expected.array())) {
      throw new IOException("a version is not what was put: number=" + number + ", read=" + data);
    }
  }
}
