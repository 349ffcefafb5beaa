package io.walstrata.schemas.serde;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats calls to a registry that is unavailable, with pauses that double and vary, and reports
 * since when it is. Logs a warning when an outage begins, one a minute while it lasts, and its end.
 * Thread-safe; {@link #close} ends all waiting.
 */
public final class RegistryRetry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryRetry.class);

  /** A wait without a limit. */
  public static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  private final Duration firstPause;
  private final Duration longestPause;
  private final Duration logInterval;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Waiting waiting;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();

  /** Guarded by {@link #lock} for writing. */
  private volatile @Nullable RegistryOutage outage;

  /** Guarded by {@link #lock}. */
  private long lastLogNanos;

  /** Written under {@link #lock}. */
  private volatile boolean closed;

  /**
   * Returns a helper that pauses between {@code firstPause} and {@code longestPause}.
   *
   * @throws IllegalArgumentException unless 0 &lt; {@code firstPause} &lt;= {@code longestPause}
   */
  public RegistryRetry(Duration firstPause, Duration longestPause) {
    this(
        firstPause,
        longestPause,
        Duration.ofMinutes(1),
        Clock.systemUTC(),
        System::nanoTime,
        Condition::awaitNanos);
  }

  /** Waits as {@link Condition#awaitNanos} does. */
  interface Waiting {
    long await(Condition condition, long nanos) throws InterruptedException;
  }

  /**
   * @param logInterval the least time between two warnings of one outage
   * @param clock dates an outage
   * @param nanoTime as {@link System#nanoTime}
   */
  RegistryRetry(
      Duration firstPause,
      Duration longestPause,
      Duration logInterval,
      Clock clock,
      LongSupplier nanoTime,
      Waiting waiting) {
    if (firstPause.isNegative() || firstPause.isZero() || longestPause.compareTo(firstPause) < 0) {
      throw new IllegalArgumentException(
          "pauses out of range: first=" + firstPause + ", longest=" + longestPause);
    }
    this.firstPause = firstPause;
    this.longestPause = longestPause;
    this.logInterval = logInterval;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.waiting = waiting;
  }

  /**
   * Repeats a call until the registry answers, and returns or throws the answer.
   *
   * @param maxWait how long to retry, from the first call on; {@link #FOREVER} for no limit
   * @throws RegistryUnavailableException the last one, when {@code maxWait} is over or this helper
   *     was closed
   * @throws InterruptException if the thread was interrupted while it waited; the interrupt status
   *     is set
   */
  public <T> T call(Duration maxWait, Supplier<T> attempt) {
    long start = nanoTime.getAsLong();
    Pauses pauses = new Pauses(firstPause, longestPause);
    while (true) {
      try {
        T answer = attempt.get();
        answered();
        return answer;
      } catch (RegistryUnavailableException e) {
        failed(e);
        long left = maxWait.toNanos() - (nanoTime.getAsLong() - start);
        if (left <= 0 || !pauses.await(left)) {
          throw e;
        }
      } catch (BadMessageException | SchemaRefusedException e) {
        answered();
        throw e;
      }
    }
  }

  /** The pauses between the attempts of one call, which double up to the longest. */
  final class Pauses {
    private final Duration longest;
    private Duration next;

    Pauses(Duration first, Duration longest) {
      this.longest = longest;
      this.next = first;
    }

    /**
     * Waits between half and all of the next pause, so that instances that failed together spread
     * out; returns false, at once, when the helper is closed.
     *
     * @param mostNanos the longest that is waited
     * @throws InterruptException if the thread was interrupted; the interrupt status is set
     */
    boolean await(long mostNanos) {
      long nanos = next.toNanos();
      Duration doubled = next.multipliedBy(2);
      next = doubled.compareTo(longest) < 0 ? doubled : longest;
      long jittered = nanos / 2 + ThreadLocalRandom.current().nextLong(nanos / 2 + 1);
      return sleep(Math.min(mostNanos, jittered));
    }
  }

  /** Returns false at once when the helper is closed. */
  private boolean sleep(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !closed) {
        left = waiting.await(closing, left);
      }
      return !closed;
    } catch (InterruptedException e) {
      throw new InterruptException("interrupted while waiting for the schema registry", e);
    } finally {
      lock.unlock();
    }
  }

  private void failed(RegistryUnavailableException e) {
    String error = String.valueOf(e.getMessage());
    lock.lock();
    try {
      RegistryOutage before = outage;
      long now = nanoTime.getAsLong();
      RegistryOutage after =
          before == null
              ? new RegistryOutage(clock.instant(), 1, error)
              : new RegistryOutage(before.since(), before.attempts() + 1, error);
      outage = after;
      if (before == null) {
        lastLogNanos = now;
        log.warn("schema registry unavailable, waiting and retrying: {}", error);
      } else if (now - lastLogNanos >= logInterval.toNanos()) {
        lastLogNanos = now;
        log.warn(
            "schema registry still unavailable: since={}, attempts={}: {}",
            after.since(),
            after.attempts(),
            error);
      }
    } finally {
      lock.unlock();
    }
  }

  private void answered() {
    if (outage == null) {
      return;
    }
    lock.lock();
    try {
      RegistryOutage over = outage;
      if (over != null) {
        outage = null;
        log.info(
            "schema registry answers again: away={} s, attempts={}",
            TimeUnit.MILLISECONDS.toSeconds(
                Duration.between(over.since(), clock.instant()).toMillis()),
            over.attempts());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns since when and why the registry is unavailable; empty if it answered the last call. */
  public Optional<RegistryOutage> outage() {
    return Optional.ofNullable(outage);
  }

  /** Returns whether {@link #close} was called. */
  boolean isClosed() {
    return closed;
  }

  /** Ends all waiting, also of later calls: each throws the registry's last failure. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
