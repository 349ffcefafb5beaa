package io.walstrata.layerstore.internal.write;

import io.walstrata.layerstore.FreezePolicy;
import java.util.OptionalLong;

/**
 * Determines at which records of a topic partition to freeze, by a {@link FreezePolicy}. Is given
 * every record after the last freeze point, in order. Not thread-safe.
 */
public final class FreezeTracker {
  /*
   * All state here is a function of the records after the last freeze point and of absolute
   * offsets, because a restart can rebuild nothing else: it replays from exactly there. In
   * particular stream time starts again at each freeze point, and no average or total spans one.
   *
   * The age is the span between the oldest and the newest timestamp, not from the first record: a
   * first record with a timestamp far in the future would disable the trigger until the next freeze
   * point.
   */

  private static final long NONE = -1;

  private final FreezePolicy policy;
  private long lastOffset;
  private long intervalStart;
  private long bytes;
  private long oldestMs;
  private long newestMs;

  public FreezeTracker(FreezePolicy policy, OptionalLong lastFreezePoint) {
    this.policy = policy;
    this.lastOffset = lastFreezePoint.orElse(NONE);
    startInterval(lastFreezePoint.isPresent() ? lastFreezePoint.getAsLong() + 1 : NONE);
  }

  private void startInterval(long start) {
    intervalStart = start;
    bytes = 0;
    oldestMs = NONE;
    newestMs = NONE;
  }

  /**
   * Adds the next record and returns whether its offset is a freeze point.
   *
   * @param offset greater than the previous record's and than the last freeze point
   * @param sizeBytes size of the record, 0 or more
   * @param timestampMs the record's timestamp; 0 or less means unknown and is not counted
   * @throws IllegalArgumentException if the offset does not increase or the size is negative
   */
  public boolean add(long offset, long sizeBytes, long timestampMs) {
    if (offset <= lastOffset || sizeBytes < 0) {
      throw new IllegalArgumentException(
          "records come in offset order with a size of 0 or more: offset="
              + offset
              + ", lastOffset="
              + lastOffset
              + ", sizeBytes="
              + sizeBytes);
    }
    if (intervalStart == NONE) {
      intervalStart = offset;
    }
    lastOffset = offset;
    bytes += sizeBytes;
    if (timestampMs > 0) {
      oldestMs = oldestMs == NONE ? timestampMs : Math.min(oldestMs, timestampMs);
      newestMs = Math.max(newestMs, timestampMs);
    }
    if (!isFreezePoint(offset)) {
      return false;
    }
    startInterval(offset + 1);
    return true;
  }

  private boolean isFreezePoint(long offset) {
    long everyOffsets = policy.everyOffsets();
    return (everyOffsets > 0 && (offset + 1) / everyOffsets > intervalStart / everyOffsets)
        || (policy.everyBytes() > 0 && bytes >= policy.everyBytes())
        || (policy.everyAgeMs() > 0 && newestMs - oldestMs >= policy.everyAgeMs());
  }
}
