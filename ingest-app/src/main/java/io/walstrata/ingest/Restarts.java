package io.walstrata.ingest;

import io.walstrata.layerstore.retry.Backoff;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Decides how long to wait before a failed stream thread is replaced, and how often in an hour:
 * each time costs the group a rebalance. A broker that is away fails all threads, so each has its
 * own number of times. Thread-safe.
 */
final class Restarts {
  /** Of one thread: half of the tries that fit in an hour when each fails at once. */
  static final int MOST_AN_HOUR = 30;

  private static final Backoff BACKOFF =
      Backoff.doubling(Duration.ofSeconds(1), Duration.ofMinutes(1));
  private static final Duration QUIET = Duration.ofMinutes(10);
  private static final Duration HOUR = Duration.ofHours(1);

  private final LongSupplier nanoTime;
  private final int mostAnHour;
  private final Deque<Long> times = new ArrayDeque<>(); // of the last hour; guarded by this
  private Backoff.Attempts attempts; // since the last quiet time; guarded by this

  /**
   * @param threads how many stream threads there are
   */
  Restarts(LongSupplier nanoTime, int threads) {
    this.nanoTime = nanoTime;
    this.mostAnHour = MOST_AN_HOUR * threads;
    this.attempts = BACKOFF.start(nanoTime);
  }

  /** Returns how often a thread is replaced in an hour, of all threads together. */
  int mostAnHour() {
    return mostAnHour;
  }

  /** Returns how long to wait before the thread is replaced; empty if it was replaced too often. */
  synchronized Optional<Duration> next() {
    long now = nanoTime.getAsLong();
    while (!times.isEmpty() && now - times.getFirst() >= HOUR.toNanos()) {
      times.removeFirst();
    }
    if (times.size() >= mostAnHour) {
      return Optional.empty();
    }
    if (times.isEmpty() || now - times.getLast() >= QUIET.toNanos()) {
      attempts = BACKOFF.start(nanoTime);
    }
    times.addLast(now);
    return attempts.nextPause();
  }
}
