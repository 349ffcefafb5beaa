package io.walstrata.layerstore.streams;

/**
 * Why a record, or part of it, is not in the store. The codes are in dead-letter headers and never
 * change.
 */
public enum BadRecordReason {
  /** The record has no key. Restoring skips such records, so they are refused everywhere. */
  NULL_KEY("null_key"),
  /** The record has no value. */
  NULL_VALUE("null_value"),
  /** The bytes do not match the framing or the schema. */
  UNDECODABLE("undecodable"),
  /** The registry does not have the schema that the message names. */
  UNKNOWN_SCHEMA("unknown_schema"),
  /** The schema is known, but it is none of the WAL messages. */
  UNEXPECTED_SCHEMA("unexpected_schema"),
  /** Decoded, but inconsistent: an entry outside the values, a range that ends before it starts. */
  MALFORMED("malformed"),
  /** An LSN that no version can have. */
  INVALID_LSN("invalid_lsn"),
  /** A page key that the store cannot hold. */
  UNREPRESENTABLE_KEY("unrepresentable_key"),
  /** A value longer than {@link io.walstrata.layerstore.page.Value#MAX_BYTES}. */
  VALUE_TOO_LARGE("value_too_large"),
  /** A timeline that this topic does not accept. For decoders: the store itself accepts any. */
  WRONG_TIMELINE("wrong_timeline"),
  /** A new timeline, although the partition has as many as it may have. */
  TOO_MANY_TIMELINES("too_many_timelines"),
  /** A version below the timeline's last LSN that is in no layer. */
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
