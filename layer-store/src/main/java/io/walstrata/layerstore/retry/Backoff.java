package io.walstrata.layerstore.retry;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Computes the pauses between attempts at an operation that fails temporarily: the first pause,
 * doubled after each attempt up to the longest, until a timeout if there is one. Immutable; {@link
 * #start} returns the state of one run of attempts.
 *
 * @param first the pause after the first failed attempt
 * @param longest the longest pause
 * @param timeout how long after the start of a run attempts are repeated; 0 or less for a single
 *     attempt
 */
public record Backoff(Duration first, Duration longest, Duration timeout) {
  /*
   * It computes and does not wait, because each caller waits where its own close can end the wait:
   * on a lock's condition, a latch, or a sleep that is interrupted. That is also why this is not a
   * retry library such as Failsafe: those run the attempt and the wait themselves, on an executor.
   *
   * It has a package of its own, without imports, because both the lock of a directory and the
   * application above the store use it. The schemas module does not depend on this one; its
   * RegistryRetry adds what only a registry needs: jitter, and the state of an outage that all
   * threads share.
   */
  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  /**
   * @throws IllegalArgumentException unless 0 &lt; {@code first} &lt;= {@code longest}
   */
  public Backoff {
    if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "first must be greater than 0 and at most longest: first="
              + first
              + ", longest="
              + longest);
    }
    longest = min(longest, FOREVER);
    timeout = min(timeout, FOREVER);
  }

  /** Returns pauses that double from {@code first} to {@code longest}, without a timeout. */
  public static Backoff doubling(Duration first, Duration longest) {
    return new Backoff(first, longest, FOREVER);
  }

  /** Returns pauses that are all the same, without a timeout. */
  public static Backoff constant(Duration pause) {
    return doubling(pause, pause);
  }

  /** Returns these pauses, until {@code timeout} after the start of a run. */
  public Backoff within(Duration timeout) {
    return new Backoff(first, longest, timeout);
  }

  /** Starts a run of attempts. */
  public Attempts start() {
    return start(System::nanoTime);
  }

  /**
   * Starts a run of attempts.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public Attempts start(LongSupplier nanoTime) {
    return new Attempts(this, nanoTime);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  /** One run of attempts, until one succeeds. Not thread-safe. */
  public static final class Attempts {
    private final Backoff backoff;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private Duration next;

    private Attempts(Backoff backoff, LongSupplier nanoTime) {
      this.backoff = backoff;
      this.nanoTime = nanoTime;
      this.startNanos = nanoTime.getAsLong();
      this.next = backoff.first();
    }

    /** Returns how long the run has lasted. */
    public Duration elapsed() {
      return Duration.ofNanos(nanoTime.getAsLong() - startNanos);
    }

    /**
     * Returns the pause before the next attempt, which is at the timeout at the latest; empty if
     * the timeout is reached, and there is no next attempt.
     */
    public Optional<Duration> nextPause() {
      Duration left = backoff.timeout().minus(elapsed());
      if (left.isNegative() || left.isZero()) {
        return Optional.empty();
      }
      Duration pause = min(next, left);
      // Half of the longest is compared, because twice a pause may be more than a long holds.
      next =
          next.compareTo(backoff.longest().dividedBy(2)) < 0
              ? next.multipliedBy(2)
              : backoff.longest();
      return Optional.of(pause);
    }
  }
}
