package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.TooManyTimelinesException;
import io.walstrata.layerstore.streams.BadRecordReason;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Outcome of ingesting a record.
 *
 * @param offset the record's offset
 * @param status the outcome
 * @param reason why it becomes a dead letter; null if it does not
 * @param message details of the reason; null without one
 */
record Verdict(
    long offset, Status status, @Nullable BadRecordReason reason, @Nullable String message) {
  /**
   * Upper bound of the message's length: it is a header of the dead letter, which must not exceed
   * the topic's limit.
   */
  static final int MAX_CHARS = 2000;

  enum Status {
    /** All of it is in the store. */
    TAKEN,
    /** The store has ingested this offset before: the record was not even decoded. */
    SKIPPED,
    /** It is refused, whole or in part. */
    BAD
  }

  static Verdict taken(long offset) {
    return new Verdict(offset, Status.TAKEN, null, null);
  }

  static Verdict skipped(long offset) {
    return new Verdict(offset, Status.SKIPPED, null, null);
  }

  static Verdict bad(long offset, BadRecordReason reason, String message) {
    String text = message.length() <= MAX_CHARS ? message : message.substring(0, MAX_CHARS) + "…";
    return new Verdict(offset, Status.BAD, reason, text);
  }

  static Verdict tooManyTimelines(long offset, TimelineId timeline, int maxTimelines) {
    return bad(
        offset,
        BadRecordReason.TOO_MANY_TIMELINES,
        String.valueOf(new TooManyTimelinesException(timeline, maxTimelines).getMessage()));
  }

  boolean isBad() {
    return status == Status.BAD;
  }

  /** Returns the reason of a bad verdict. */
  BadRecordReason badReason() {
    return Objects.requireNonNull(reason, "only a bad verdict has a reason");
  }

  /** Returns the message of a bad verdict. */
  String badMessage() {
    return Objects.requireNonNull(message, "only a bad verdict has a message");
  }
}
