package io.walstrata.schemas.serde;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long may be waited, by all threads together: {@code longest} at once, and a tenth of the time
 * in the long run. While threads wait at the same time, that counts once. Thread-safe.
 */
final class WaitBudget {
  /** What is used up comes back in so many times the time. */
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

  /** Returns a duration in nanoseconds; 0 for a negative one, the most for one that is too long. */
  static long nanos(Duration duration) {
    if (duration.isNegative()) {
      return 0;
    }
    return duration.compareTo(RegistryRetry.FOREVER) < 0 ? duration.toNanos() : Long.MAX_VALUE;
  }

  /** The caller begins to wait; it must {@link #end}. */
  synchronized void begin() {
    settle();
    waiting++;
  }

  /** The caller waits no longer. */
  synchronized void end() {
    settle();
    waiting--;
  }

  /** Returns how much longer may be waited; 0 if no longer. */
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
