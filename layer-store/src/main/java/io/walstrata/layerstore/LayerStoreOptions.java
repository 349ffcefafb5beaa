package io.walstrata.layerstore;

import io.walstrata.layerstore.internal.file.OpenFiles;
import io.walstrata.layerstore.page.Compression;

/**
 * Settings of a {@link LayerStore}. Immutable; {@code withX} returns a copy.
 *
 * @param maxFrozen how many freeze points may wait for their files before {@link
 *     LayerWriter#freeze} blocks; at least 1
 * @param writeBufferBytes buffers in front of the ephemeral file, in bytes; from {@link
 *     #MIN_WRITE_BUFFER_BYTES} to {@link #MAX_WRITE_BUFFER_BYTES}. While one half is filled, the
 *     other is written. They grow to this as they are needed, but to no more than a 256th of the
 *     memory budget
 * @param compression of the blocks of delta files that are written; files of any are read
 * @param openFiles bounds how many layer files stay open for reading; shared by the stores that
 *     have the same one
 * @param memoryBudget bounds the heap that open and frozen layers take; shared by the stores that
 *     have the same one
 * @param maxTimelines how many timelines a store has at most; a new one beyond that is refused with
 *     {@link io.walstrata.layerstore.page.TooManyTimelinesException}. Those in the manifest are
 *     kept, however many they are. At least 1. A log is replayed with the same bound, or what is
 *     refused differs
 * @param checkedLayers homes whose layers are not checked again when a store is opened, as long as
 *     their manifest is the same; damage that has come since is found when a read meets it
 */
public record LayerStoreOptions(
    int maxFrozen,
    int writeBufferBytes,
    Compression compression,
    OpenFiles openFiles,
    MemoryBudget memoryBudget,
    int maxTimelines,
    CheckedLayers checkedLayers) {
  /** The shortest write buffer. */
  public static final int MIN_WRITE_BUFFER_BYTES = 4096;

  /** The longest write buffer, 64 MiB. */
  public static final int MAX_WRITE_BUFFER_BYTES = 64 << 20;

  /** How many timelines a store has at most unless it is set. */
  public static final int DEFAULT_MAX_TIMELINES = 10_000;

  /**
   * Without a bound on memory. All stores of the process that keep it so have 500 layer files open
   * at most.
   */
  public static final LayerStoreOptions DEFAULTS =
      new LayerStoreOptions(
          2,
          1 << 20,
          Compression.NONE,
          new OpenFiles(500),
          MemoryBudget.unlimited(),
          DEFAULT_MAX_TIMELINES,
          new CheckedLayers());

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
    return new LayerStoreOptions(
        maxFrozen,
        writeBufferBytes,
        compression,
        openFiles,
        memoryBudget,
        maxTimelines,
        checkedLayers);
  }

  public LayerStoreOptions withWriteBufferBytes(int writeBufferBytes) {
    return new LayerStoreOptions(
        maxFrozen,
        writeBufferBytes,
        compression,
        openFiles,
        memoryBudget,
        maxTimelines,
        checkedLayers);
  }

  public LayerStoreOptions withCompression(Compression compression) {
    return new LayerStoreOptions(
        maxFrozen,
        writeBufferBytes,
        compression,
        openFiles,
        memoryBudget,
        maxTimelines,
        checkedLayers);
  }

  /** Returns a copy for stores that have so many layer files open together. */
  public LayerStoreOptions withMaxOpenFiles(int maxOpenFiles) {
    return new LayerStoreOptions(
        maxFrozen,
        writeBufferBytes,
        compression,
        new OpenFiles(maxOpenFiles),
        memoryBudget,
        maxTimelines,
        checkedLayers);
  }

  public LayerStoreOptions withMemoryBudget(MemoryBudget memoryBudget) {
    return new LayerStoreOptions(
        maxFrozen,
        writeBufferBytes,
        compression,
        openFiles,
        memoryBudget,
        maxTimelines,
        checkedLayers);
  }

  public LayerStoreOptions withMaxTimelines(int maxTimelines) {
    return new LayerStoreOptions(
        maxFrozen,
        writeBufferBytes,
        compression,
        openFiles,
        memoryBudget,
        maxTimelines,
        checkedLayers);
  }

  /** Returns a copy for stores whose homes may have been checked before. */
  public LayerStoreOptions withCheckedLayers(CheckedLayers checkedLayers) {
    return new LayerStoreOptions(
        maxFrozen,
        writeBufferBytes,
        compression,
        openFiles,
        memoryBudget,
        maxTimelines,
        checkedLayers);
  }
}
