package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Compression;

/**
 * Settings of a {@link LayerStore}. Immutable; {@code withX} returns a copy.
 *
 * @param maxFrozen how many freeze points may wait for their files before {@link LayerStore#freeze}
 *     blocks; at least 1
 * @param writeBufferBytes buffer in front of the ephemeral file, in bytes; at least 4096
 * @param compression of the blocks of delta files that are written; files of any are read
 */
public record LayerStoreOptions(int maxFrozen, int writeBufferBytes, Compression compression) {
  public static final LayerStoreOptions DEFAULTS =
      new LayerStoreOptions(2, 1 << 20, Compression.NONE);

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
  }

  public LayerStoreOptions withMaxFrozen(int maxFrozen) {
    return new LayerStoreOptions(maxFrozen, writeBufferBytes, compression);
  }

  public LayerStoreOptions withWriteBufferBytes(int writeBufferBytes) {
    return new LayerStoreOptions(maxFrozen, writeBufferBytes, compression);
  }

  public LayerStoreOptions withCompression(Compression compression) {
    return new LayerStoreOptions(maxFrozen, writeBufferBytes, compression);
  }
}
