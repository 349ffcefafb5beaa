package io.walstrata.layerstore;

import io.walstrata.layerstore.redo.PageRedo;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link LayerStore}. Immutable; {@code withX} returns a copy. What stores share is
 * in {@link StoreResources}.
 *
 * @param maxFrozen how many freeze points may wait for their files before {@link
 *     LayerWriter#freeze} blocks; at least 1
 * @param writeBufferBytes buffers in front of the ephemeral file, in bytes; from {@link
 *     #MIN_WRITE_BUFFER_BYTES} to {@link #MAX_WRITE_BUFFER_BYTES}. While one half is filled, the
 *     other is written. They grow to this as they are needed, but to no more than a 256th of the
 *     memory budget
 * @param compression of the blocks of delta files that are written; files of any are read
 * @param maxTimelines how many timelines a store has at most; one more is refused with {@link
 *     io.walstrata.layerstore.page.TooManyTimelinesException}. Those in the manifest are kept,
 *     however many they are. At least 1. A log must be replayed with the same bound, or other
 *     timelines are refused
 * @param redo makes pages from what was put, for {@link LayerStore#page} and the other reads of
 *     pages; null for a store without them, from which reconstruct data is read all the same
 */
public record LayerStoreOptions(
    int maxFrozen,
    int writeBufferBytes,
    Compression compression,
    int maxTimelines,
    @Nullable PageRedo redo) {
  /** The shortest write buffer. */
  public static final int MIN_WRITE_BUFFER_BYTES = 4096;

  /** The longest write buffer, 64 MiB. */
  public static final int MAX_WRITE_BUFFER_BYTES = 64 << 20;

  /** The default of {@link #maxTimelines()}. */
  public static final int DEFAULT_MAX_TIMELINES = 10_000;

  /**
   * Two freeze points wait at most, with 1 MiB of write buffers, blocks are not compressed, and
   * there is no redo.
   */
  public static final LayerStoreOptions DEFAULTS =
      new LayerStoreOptions(2, 1 << 20, Compression.NONE, DEFAULT_MAX_TIMELINES, null);

  /**
   * @throws IllegalArgumentException if a setting is out of its range
   */
  public LayerStoreOptions {
    if (maxFrozen < 1) {
      throw new IllegalArgumentException("maxFrozen must be at least 1: maxFrozen=" + maxFrozen);
    }
    if (writeBufferBytes < MIN_WRITE_BUFFER_BYTES || writeBufferBytes > MAX_WRITE_BUFFER_BYTES) {
      throw new IllegalArgumentException(
          "writeBufferBytes must be from "
              + MIN_WRITE_BUFFER_BYTES
              + " to "
              + MAX_WRITE_BUFFER_BYTES
              + ": writeBufferBytes="
              + writeBufferBytes);
    }
    if (maxTimelines < 1) {
      throw new IllegalArgumentException(
          "maxTimelines must be at least 1: maxTimelines=" + maxTimelines);
    }
  }

  public LayerStoreOptions withMaxFrozen(int maxFrozen) {
    return new LayerStoreOptions(maxFrozen, writeBufferBytes, compression, maxTimelines, redo);
  }

  public LayerStoreOptions withWriteBufferBytes(int writeBufferBytes) {
    return new LayerStoreOptions(maxFrozen, writeBufferBytes, compression, maxTimelines, redo);
  }

  public LayerStoreOptions withCompression(Compression compression) {
    return new LayerStoreOptions(maxFrozen, writeBufferBytes, compression, maxTimelines, redo);
  }

  public LayerStoreOptions withMaxTimelines(int maxTimelines) {
    return new LayerStoreOptions(maxFrozen, writeBufferBytes, compression, maxTimelines, redo);
  }

  /** Returns a copy for a store that makes pages; see {@link LayerStore#page}. */
  public LayerStoreOptions withRedo(PageRedo redo) {
    return new LayerStoreOptions(
        maxFrozen, writeBufferBytes, compression, maxTimelines, Objects.requireNonNull(redo));
  }
}
