package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.streams.RecordTooLargeForHeapException;
import org.apache.kafka.common.TopicPartition;

/** Exceptions of records that are too large for the heap. */
final class OversizeRecords {
  private static final String ADVICE =
      "raise the limit and the heap (-Xmx), or have the record removed from the topic: ";

  private OversizeRecords() {}

  /** Returns what to throw for a record whose size is known. */
  static RecordTooLargeForHeapException of(
      TopicPartition partition, long offset, long bytes, long limitBytes, Throwable cause) {
    return new RecordTooLargeForHeapException(
        "a record is larger, unpacked, than this process takes; "
            + ADVICE
            + HistoryGaps.where(partition)
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

  /** Returns what to throw for a record that could not be unpacked, at or after one of these. */
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
