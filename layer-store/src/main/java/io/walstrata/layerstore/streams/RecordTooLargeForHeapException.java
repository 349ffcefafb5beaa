package io.walstrata.layerstore.streams;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.StreamsException;

/**
 * Thrown for a record that is too large, unpacked, for the heap of this process. Reading it again
 * would fail in the same way. The message states which record, how large it is, what the limit is,
 * and what to do.
 */
public final class RecordTooLargeForHeapException extends StreamsException {
  private static final long serialVersionUID = 1L;

  private static final String ADVICE =
      "raise the limit and the heap (-Xmx), or have the record removed from the topic: ";

  private RecordTooLargeForHeapException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Returns the exception for a record whose size is known. */
  static RecordTooLargeForHeapException of(
      TopicPartition partition, long offset, long bytes, long limitBytes, Throwable cause) {
    return new RecordTooLargeForHeapException(
        "a record is larger, unpacked, than this process takes; "
            + ADVICE
            + HistoryGapException.where(partition)
            + ", offset="
            + offset
            + ", sizeBytes="
            + bytes
            + ", limitBytes="
            + limitBytes
            + ", heapBytes="
            + Runtime.getRuntime().maxMemory(),
        cause);
  }

  /**
   * Returns the exception for a record that could not even be unpacked, at or after one of these
   * offsets.
   */
  static RecordTooLargeForHeapException unpacking(String nextOffsets, OutOfMemoryError cause) {
    return new RecordTooLargeForHeapException(
        "there is not enough heap to unpack the next record of one of these partitions; "
            + ADVICE
            + "nextOffsets="
            + nextOffsets
            + ", heapBytes="
            + Runtime.getRuntime().maxMemory(),
        cause);
  }
}
