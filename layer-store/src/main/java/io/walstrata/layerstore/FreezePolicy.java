package io.walstrata.layerstore;

/**
 * Decides where the freeze points of a log partition are. The result depends on the log alone: two
 * runs over the same partition freeze at the same offsets, however often they were stopped and
 * resumed after a freeze point. The wall clock is not used.
 *
 * <p>A freeze point is the offset of a record, which is the last one that it covers. At least one
 * trigger must be on, or nothing would become durable. Immutable; {@code withX} returns a copy.
 *
 * @param everyOffsets freeze where the offset passes a multiple of this; 0 is off. Offsets are
 *     absolute, and some may have no record: the first record after such a multiple passes it
 * @param everyBytes freeze when the records since the last freeze point have this many bytes; 0 is
 *     off
 * @param everyAgeMs freeze when the timestamps of the records since the last freeze point are this
 *     many milliseconds apart; 0 is off. It freezes nothing while no record arrives, as only the
 *     records' timestamps count
 */
public record FreezePolicy(long everyOffsets, long everyBytes, long everyAgeMs) {
  /** Every 128 MiB, 1 000 000 offsets or 10 minutes of record time, whichever is first. */
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
          "a freeze policy needs at least one trigger, or nothing becomes durable: everyOffsets=0,"
              + " everyBytes=0, everyAgeMs=0");
    }
  }

  private static void checkNotNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(
          "a freeze trigger must be at least 0, where 0 is off: " + name + "=" + value);
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
