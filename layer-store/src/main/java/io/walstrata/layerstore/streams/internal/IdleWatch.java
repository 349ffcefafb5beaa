package io.walstrata.layerstore.streams.internal;

import java.time.Duration;

/**
 * Finds out that a partition gets no records, by looking now and then how far it is: no record pays
 * for a look at the clock. For one thread.
 */
final class IdleWatch {
  private static final int LOOKS = 4; // in the time to find out

  private final long idleMs;
  private long seenOffset = Long.MIN_VALUE;
  private long sinceMs;

  IdleWatch(Duration idle) {
    idleMs = Math.max(1, idle.toMillis());
  }

  /** Returns how often to look: what is found out is late by as much. */
  Duration interval() {
    return Duration.ofMillis(Math.max(1, idleMs / LOOKS));
  }

  /**
   * Returns whether there was no record for the time that was set.
   *
   * @param offset the last one that was ingested
   * @param nowMs the time, by any clock; one that goes back begins anew
   */
  boolean isIdle(long offset, long nowMs) {
    if (offset != seenOffset || nowMs < sinceMs) {
      seenOffset = offset;
      sinceMs = nowMs;
    }
    return nowMs - sinceMs >= idleMs;
  }
}
