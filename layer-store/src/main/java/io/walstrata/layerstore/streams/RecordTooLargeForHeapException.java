package io.walstrata.layerstore.streams;

import org.apache.kafka.streams.errors.StreamsException;

/**
 * Thrown for a record that is too large, unpacked, for the heap of this process. Reading it again
 * would fail in the same way. The message states which record, how large it is, what the limit is,
 * and what to do.
 */
public final class RecordTooLargeForHeapException extends StreamsException {
  private static final long serialVersionUID = 1L;

  public RecordTooLargeForHeapException(String message, Throwable cause) {
    super(message, cause);
  }
}
