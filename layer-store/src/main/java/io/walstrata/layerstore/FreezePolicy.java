package io.walstrata.layerstore;

/**
 * Decides where the freeze points of a log partition are. A pure function of the log: two runs over
 * the same partition freeze at the same offsets, however often and wherever they were stopped and
 * resumed behind a freeze point. The wall clock has no part in it.
 *
 * <p>A freeze point is always the offset of a record, and the last one it covers. Each trigger may
 * be off, but not all of them, or nothing would ever become durable. Immutable; {@code withX}
 * returns a copy.
 *
 * @param everyOffsets freeze where the offset passes a multiple of this; 0 is off. Offsets are
 *     absolute and may have holes: a multiple that falls into a hole is passed by the first record
 *     behind it
 * @param everyBytes freeze when the records since the last freeze point have this many bytes; 0 is
 *     off
 * @param everyAgeMs freeze when the timestamps of the records since the last freeze point are this
 *     many milliseconds apart; 0 is off. A log at rest is not frozen by it: time is what the
 *     records say
 */
public record FreezePolicy(long everyOffsets, long everyBytes, long everyAgeMs) {
  /** Every 128 MiB, 1 000 000 offsets or 10 minutes of record time, whatever comes first. */
  public static final FreezePolicy DEFAULTS =
      new FreezePolicy(1_000_000, 128L << 20, 10 * 60 * 1000);

  /**
   * @throws IllegalArgumentException if a trigger is negative or all are off
   */
  public FreezePolicy {
    checkNotNegative("everyOffsets", everyOffsets);
    checkNotNegative("everyBytes", everyBytes);
    checkNotNegative("everyAgeMs", everyAgeMs);
    if (everyOffsets == 0 && everyBytes == 0 && everyAgeMs == 0) {
      throw new IllegalArgumentException(
          "a freeze policy needs a trigger, or nothing becomes durable: everyOffsets=0,"
              + " everyBytes=0, everyAgeMs=0");
    }
  }

  private static void checkNotNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(
          "a freeze trigger must be positive, or 0 for off: " + name + "=" + value);
    }
  }

  /** Returns a policy with this trigger alone. */
  public static FreezePolicy everyOffsets(long offsets) {
    return new FreezePolicy(offsets, 0, 0);
  }

  /** Returns a policy with this trigger alone. */
  public static FreezePolicy everyBytes(long bytes) {
    return new FreezePolicy(0, bytes, 0);
  }

  /** Returns a policy with this trigger alone. */
  public static FreezePolicy everyAgeMs(long ageMs) {
    return new FreezePolicy(0, 0, ageMs);
  }

  public FreezePolicy withEveryOffsets(long everyOffsets) {
    return new FreezePolicy(everyOffsets, everyBytes, everyAgeMs);
  }

  public FreezePolicy withEveryBytes(long everyBytes) {
    return new FreezePolicy(everyOffsets, everyBytes, everyAgeMs);
  }

  public FreezePolicy withEveryAgeMs(long everyAgeMs) {
    return new FreezePolicy(everyOffsets, everyBytes, everyAgeMs);
  }
}
