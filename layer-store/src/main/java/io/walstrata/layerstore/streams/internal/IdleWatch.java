package io.walstrata.layerstore.streams.internal;

import java.time.Duration;

/**
 * Detects that a partition gets no records by comparing its last offset at intervals, so that no
 * record costs a look at the clock. For one thread.
 */
final class IdleWatch {
  private static final int LOOKS = 4; // in the time to find out

  private final long idleMs;
  private long seenOffset = Long.MIN_VALUE;
  private long sinceMs;

  IdleWatch(Duration idle) {
    idleMs = Math.max(1, idle.toMillis());
  }

  /**
   * Returns the interval at which to call {@link #isIdle}; idleness is noticed up to one interval
   * late.
   */
  Duration interval() {
    return Duration.ofMillis(Math.max(1, idleMs / LOOKS));
  }

  /**
   * Returns whether there was no record for the time that was set.
   *
   * @param offset the last one that was ingested
   * @param nowMs the time, by any clock; when it goes back, the wait begins again
   */
  boolean isIdle(long offset, long nowMs) {
    if (offset != seenOffset || nowMs < sinceMs) {
      seenOffset = offset;
      sinceMs = nowMs;
    }
    return nowMs - sinceMs >= idleMs;
  }
}
