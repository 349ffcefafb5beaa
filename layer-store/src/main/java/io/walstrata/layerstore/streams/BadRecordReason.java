package io.walstrata.layerstore.streams;

/**
 * Why a record, or part of it, is not in the store. The codes are in dead-letter headers and never
 * change.
 */
public enum BadRecordReason {
  /** No key: a restore would not see the record, so it is refused everywhere. */
  NULL_KEY("null_key"),
  /** No value. */
  NULL_VALUE("null_value"),
  /** The bytes are not what the framing or the schema says. */
  UNDECODABLE("undecodable"),
  /** The registry does not know the schema that the message names. */
  UNKNOWN_SCHEMA("unknown_schema"),
  /** The schema is known, but it is none of the WAL messages. */
  UNEXPECTED_SCHEMA("unexpected_schema"),
  /** Decoded, but it contradicts itself: an entry outside the values, a range that ends early. */
  MALFORMED("malformed"),
  /** An LSN that no version can have. */
  INVALID_LSN("invalid_lsn"),
  /** A page key that the store cannot hold. */
  UNREPRESENTABLE_KEY("unrepresentable_key"),
  /** A value longer than {@link io.walstrata.layerstore.page.Value#MAX_BYTES}. */
  VALUE_TOO_LARGE("value_too_large"),
  /** A timeline that does not belong here; for decoders, the store takes any. */
  WRONG_TIMELINE("wrong_timeline"),
  /** A new timeline, one more than the partition takes. */
  TOO_MANY_TIMELINES("too_many_timelines"),
  /** An LSN below what the timeline has reached, of a version that is in no layer. */
  LATE("late");

  private final String code;

  BadRecordReason(String code) {
    this.code = code;
  }

  /** Returns the stable code. */
  public String code() {
    return code;
  }
}
