package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.internal.format.DeltaLayerReader;
import io.walstrata.layerstore.internal.memory.TombstoneIndex;

/**
 * What is in memory of a layer file.
 *
 * @param reader has the block index and the key filter
 * @param tombstones says which of them cover a key
 * @param heapBytes the heap that all of it takes
 */
record LayerContent(DeltaLayerReader reader, TombstoneIndex tombstones, int heapBytes) {
  /** What there is of any file: the objects, and their place in the cache. */
  private static final int BYTES_EACH = 1024;

  /** A tombstone in the index, beside the list of them. */
  private static final int INDEX_BYTES_PER_TOMBSTONE = 72;

  static LayerContent of(DeltaLayerReader reader) {
    TombstoneIndex tombstones = TombstoneIndex.of(reader.tombstones());
    long bytes =
        BYTES_EACH
            + reader.heapBytes()
            + (long) INDEX_BYTES_PER_TOMBSTONE * reader.tombstones().size();
    return new LayerContent(reader, tombstones, (int) Math.min(Integer.MAX_VALUE, bytes));
  }
}
