package io.walstrata.schemas.serde;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Limits how long all threads together may wait: {@code longest} at once, and a tenth of the time
 * in the long run. Time in which several threads wait counts once. Thread-safe.
 */
final class WaitBudget {
  /** Time that was used is available again after so many times as long. */
  static final int SHARE = 10;

  private final long longestNanos;
  private final LongSupplier nanoClock;

  private long leftNanos;
  private long settledNanos;
  private int waiting;

  /**
   * @param nanoClock as {@link System#nanoTime}
   */
  WaitBudget(Duration longest, LongSupplier nanoClock) {
    this.longestNanos = nanos(longest);
    this.nanoClock = nanoClock;
    this.leftNanos = longestNanos;
    this.settledNanos = nanoClock.getAsLong();
  }

  /** Returns a duration in nanoseconds, at least 0 and at most {@link Long#MAX_VALUE}. */
  static long nanos(Duration duration) {
    if (duration.isNegative()) {
      return 0;
    }
    return duration.compareTo(RegistryRetry.FOREVER) < 0 ? duration.toNanos() : Long.MAX_VALUE;
  }

  /** Records that the caller begins to wait; it must {@link #end}. */
  synchronized void begin() {
    settle();
    waiting++;
  }

  /** Records that the caller waits no longer. */
  synchronized void end() {
    settle();
    waiting--;
  }

  /** Returns how much longer threads may wait; 0 if the limit is reached. */
  synchronized long leftNanos() {
    settle();
    return leftNanos;
  }

  private void settle() {
    long now = nanoClock.getAsLong();
    long passed = now - settledNanos;
    if (waiting > 0) {
      leftNanos = Math.max(0, leftNanos - passed);
      settledNanos = now;
    } else if (passed >= SHARE) {
      leftNanos += Math.min(longestNanos - leftNanos, passed / SHARE);
      settledNanos = now;
    }
  }
}
