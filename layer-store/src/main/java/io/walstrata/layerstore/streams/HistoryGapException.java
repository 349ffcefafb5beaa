package io.walstrata.layerstore.streams;

import org.apache.kafka.streams.errors.StreamsException;

/**
 * Thrown where continuing would leave a gap in history that no read could notice: the topic does
 * not have the records that come after the layers, or it is not the topic that the layers were made
 * from, or layers are damaged and are not rebuilt. The message states where, which offsets are
 * missing, and what to do.
 */
public final class HistoryGapException extends StreamsException {
  private static final long serialVersionUID = 1L;

  public HistoryGapException(String message) {
    super(message);
  }
}
