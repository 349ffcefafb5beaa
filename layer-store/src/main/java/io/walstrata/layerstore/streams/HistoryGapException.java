package io.walstrata.layerstore.streams;

import org.apache.kafka.streams.errors.StreamsException;

/**
 * Going on would leave a hole in history that no read could see: the topic does not hold the
 * records that come after the layers, or it is not the topic that the layers were made from, or
 * layers are damaged and are not built anew. The message says where, which offsets are missing, and
 * what can be done.
 */
public final class HistoryGapException extends StreamsException {
  private static final long serialVersionUID = 1L;

  public HistoryGapException(String message) {
    super(message);
  }
}
