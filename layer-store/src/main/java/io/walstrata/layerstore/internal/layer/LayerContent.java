package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.internal.format.DeltaLayerReader;
import io.walstrata.layerstore.internal.memory.TombstoneIndex;

/**
 * The content of a layer file that is kept in memory.
 *
 * @param reader the reader, with block index and key filter
 * @param tombstones index that finds the tombstones that cover a key
 * @param heapBytes the heap that all of it takes
 */
record LayerContent(DeltaLayerReader reader, TombstoneIndex tombstones, int heapBytes) {
  /** Heap that any file takes: the objects, and their place in the cache. */
  private static final int BYTES_EACH = 1024;

  /** Heap of a tombstone in the index, without the list of tombstones. */
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
