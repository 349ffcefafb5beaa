package io.walstrata.layerstore.internal.write;

import io.walstrata.layerstore.internal.file.WriteResources;
import io.walstrata.layerstore.internal.format.DeltaLayerWriter;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Appends the values of a store's open layers to one ephemeral file, and begins another after each
 * freeze point. For one thread at a time.
 */
public final class OpenValues {
  /** Each MiB of values has an index of 64 blocks in the layer file, in an array that doubles. */
  private static final int INDEX_STEP = 20;

  private static final int INDEX_BYTES = 8192;

  private final Path directory;
  private final int bufferBytes;
  private final long maxFileBytes;
  private final WriteResources writes;

  private long files; // that were begun
  private @Nullable EphemeralFile current; // null until the first value
  private int longest; // of the values in it

  /**
   * @param directory of the ephemeral files
   * @param bufferBytes bytes of the buffers in front of a file
   * @param maxFileBytes upper bound, exclusive, of the bytes of values in open layers
   */
  public OpenValues(Path directory, int bufferBytes, long maxFileBytes, WriteResources writes) {
    this.directory = directory;
    this.bufferBytes = bufferBytes;
    this.maxFileBytes = maxFileBytes;
    this.writes = writes;
  }

  /** Returns the file of the open layers' values. */
  EphemeralFile file() throws IOException {
    EphemeralFile file = current;
    if (file == null) {
      file = EphemeralFile.create(directory, files++, bufferBytes, writes);
      current = file;
    }
    return file;
  }

  /**
   * Appends values and returns the position of the first.
   *
   * @param longestValue the length of the longest of them
   * @throws IllegalStateException if there is no room for them before the next freeze point
   */
  long append(byte[] bytes, int offset, int length, int longestValue) throws IOException {
    EphemeralFile file = file();
    if (length >= maxFileBytes - file.length()) {
      throw new IllegalStateException(
          "no room for these values, freeze sooner: length="
              + length
              + ", open="
              + file.length()
              + ", maxOpen="
              + maxFileBytes);
    }
    long position = file.append(bytes, offset, length);
    longest = Math.max(longest, longestValue);
    return position;
  }

  /** Returns the bytes of the values. */
  long length() {
    EphemeralFile file = current;
    return file == null ? 0 : file.length();
  }

  /** Returns the heap for the values, now and while they are written to layer files. */
  long heapBytes() {
    EphemeralFile file = current;
    return file == null
        ? 0
        : file.heapBytes()
            + DeltaLayerWriter.BYTES_PER_FILE
            + (long) DeltaLayerWriter.COPIES_OF_A_VALUE * longest
            + (file.length() >> INDEX_STEP) * INDEX_BYTES;
  }

  /** Ends the file and returns it, to be released by the caller; empty if there are no values. */
  Optional<EphemeralFile> take() {
    Optional<EphemeralFile> taken = Optional.ofNullable(current);
    current = null;
    longest = 0;
    return taken;
  }
}
