package io.walstrata.layerstore.streams;

/**
 * How much heap the records may take that a consumer has unpacked and that no store has taken in.
 *
 * <p>A broker's limits, and {@code max.poll.records}, say nothing about it: they count compressed
 * bytes, and records, and a megabyte of zeros is a hundred bytes in a batch.
 *
 * @param heldBytes keys, values and headers that one consumer may have handed to Kafka Streams; a
 *     partition of which nothing is held gets one record whatever its size
 * @param recordBytes key, value and headers of the largest record; a larger one ends the stream
 *     with a {@link RecordTooLargeForHeapException}
 */
public record ReadLimits(long heldBytes, long recordBytes) {
  private static final long MIN_HELD_BYTES = 1 << 20;

  public ReadLimits {
    if (heldBytes < 1 || recordBytes < 1) {
      throw new IllegalArgumentException(
          "limits of reading must be positive: heldBytes="
              + heldBytes
              + ", recordBytes="
              + recordBytes);
    }
  }

  /**
   * Returns limits that suit a heap: an eighth of it for what all consumers hold together, a
   * quarter for one record.
   *
   * @param threads the stream threads; each has a consumer that processes and one that restores
   */
  public static ReadLimits ofHeap(long heapBytes, int threads) {
    return new ReadLimits(heldBytes(heapBytes / 8, threads), Math.max(1, heapBytes / 4));
  }

  /** Returns the share of one consumer of what all of them may hold, at least 1 MiB. */
  public static long heldBytes(long allBytes, int threads) {
    return Math.max(MIN_HELD_BYTES, allBytes / (2L * Math.max(1, threads)));
  }
}
