package io.walstrata.layerstore.streams;

/**
 * Bounds the heap of records that a consumer has unpacked and no store has ingested yet.
 *
 * <p>A broker's limits, and {@code max.poll.records}, do not bound it: they count compressed bytes,
 * or records, and a megabyte of zeros is a hundred bytes in a batch.
 *
 * @param heldBytes bytes of keys, values and headers that one consumer may have returned to Kafka
 *     Streams; a partition of which nothing is held gets one record whatever its size
 * @param recordBytes bytes of key, value and headers of the largest record; a larger one ends the
 *     stream with a {@link RecordTooLargeForHeapException}
 */
public record PollLimits(long heldBytes, long recordBytes) {
  private static final long MIN_HELD_BYTES = 1 << 20;

  public PollLimits {
    if (heldBytes < 1 || recordBytes < 1) {
      throw new IllegalArgumentException(
          "limits of reading must be positive: heldBytes="
              + heldBytes
              + ", recordBytes="
              + recordBytes);
    }
  }

  /**
   * Returns limits for a heap: an eighth of it for all consumers together, a quarter for one
   * record.
   *
   * @param threads the stream threads; each has a consumer that processes and one that restores
   */
  public static PollLimits ofHeap(long heapBytes, int threads) {
    return new PollLimits(heldBytes(heapBytes / 8, threads), Math.max(1, heapBytes / 4));
  }

  /** Returns one consumer's share of what all may hold together, at least 1 MiB. */
  public static long heldBytes(long allBytes, int threads) {
    return Math.max(MIN_HELD_BYTES, allBytes / (2L * Math.max(1, threads)));
  }
}
