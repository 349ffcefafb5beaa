package io.walstrata.layerstore.streams;

import org.apache.kafka.streams.errors.StreamsException;

/** Stops the stream before a bad record, as {@link OnBadRecord#FAIL} requires. */
public final class BadRecordStopException extends StreamsException {
  private static final long serialVersionUID = 1L;

  private final BadRecordReason reason;

  public BadRecordStopException(RawRecord record, BadRecordReason reason, String message) {
    super(
        "bad record, and bad records stop the stream (OnBadRecord.FAIL): reason="
            + reason.code()
            + ", "
            + record.location()
            + ": "
            + message);
    this.reason = reason;
  }

  public BadRecordReason reason() {
    return reason;
  }
}
