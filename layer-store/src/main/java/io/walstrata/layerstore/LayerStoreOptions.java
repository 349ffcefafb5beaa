package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Compression;

/**
 * Settings of a {@link LayerStore}. Immutable; {@code withX} returns a copy.
 *
 * @param maxFrozen how many freeze points may wait for their files before {@link LayerStore#freeze}
 *     blocks; at least 1
 * @param writeBufferBytes buffer in front of the ephemeral file, in bytes; at least 4096. It grows
 *     to this as it is needed, but to no more than a 256th of the memory budget
 * @param compression of the blocks of delta files that are written; files of any are read
 * @param maxOpenFiles how many layer files stay open for reading, at least 1; while they are read,
 *     one more for each reading thread
 * @param memoryBudget bounds the heap that open and frozen layers take; shared by the stores that
 *     have the same one
 */
public record LayerStoreOptions(
    int maxFrozen,
    int writeBufferBytes,
    Compression compression,
    int maxOpenFiles,
    MemoryBudget memoryBudget) {
  /** Without a bound on memory. */
  public static final LayerStoreOptions DEFAULTS =
      new LayerStoreOptions(2, 1 << 20, Compression.NONE, 500, MemoryBudget.unlimited());

  /**
   * @throws IllegalArgumentException if a setting is out of its range
   */
  public LayerStoreOptions {
    if (maxFrozen < 1) {
      throw new IllegalArgumentException("maxFrozen must be at least 1: maxFrozen=" + maxFrozen);
    }
    if (writeBufferBytes < 4096) {
      throw new IllegalArgumentException(
          "writeBufferBytes must be at least 4096: writeBufferBytes=" + writeBufferBytes);
    }
    if (maxOpenFiles < 1) {
      throw new IllegalArgumentException(
          "maxOpenFiles must be at least 1: maxOpenFiles=" + maxOpenFiles);
    }
  }

  public LayerStoreOptions withMaxFrozen(int maxFrozen) {
    return new LayerStoreOptions(
        maxFrozen, writeBufferBytes, compression, maxOpenFiles, memoryBudget);
  }

  public LayerStoreOptions withWriteBufferBytes(int writeBufferBytes) {
    return new LayerStoreOptions(
        maxFrozen, writeBufferBytes, compression, maxOpenFiles, memoryBudget);
  }

  public LayerStoreOptions withCompression(Compression compression) {
    return new LayerStoreOptions(
        maxFrozen, writeBufferBytes, compression, maxOpenFiles, memoryBudget);
  }

  public LayerStoreOptions withMaxOpenFiles(int maxOpenFiles) {
    return new LayerStoreOptions(
        maxFrozen, writeBufferBytes, compression, maxOpenFiles, memoryBudget);
  }

  public LayerStoreOptions withMemoryBudget(MemoryBudget memoryBudget) {
    return new LayerStoreOptions(
        maxFrozen, writeBufferBytes, compression, maxOpenFiles, memoryBudget);
  }
}
