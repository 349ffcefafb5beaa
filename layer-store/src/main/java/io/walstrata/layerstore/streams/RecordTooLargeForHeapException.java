package io.walstrata.layerstore.streams;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.StreamsException;

/**
 * A record is too large, unpacked, for the heap of this process. Reading it again would end the
 * same way. The message says which record, how large it is, what the limit is, and what to do.
 */
public final class RecordTooLargeForHeapException extends StreamsException {
  private static final long serialVersionUID = 1L;

  private static final String ADVICE =
      "raise the limit and the heap (-Xmx), or have the record removed from the topic: ";

  private RecordTooLargeForHeapException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Of a record whose size is known. */
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

  /** Of a record that could not even be unpacked, at or after the next offset of one of these. */
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
