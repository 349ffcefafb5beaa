package io.walstrata.schemas.serde;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats calls to a registry that is away, with pauses that double and vary, and knows since when
 * it has been away. Logs a warning when that begins, one a minute while it lasts, and that it is
 * over. Thread-safe; {@link #close} ends all waiting.
 */
public final class RegistryRetry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryRetry.class);

  /** Waits without end. */
  public static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  private final Duration firstPause;
  private final Duration longestPause;
  private final Duration logInterval;
  private final Clock clock;

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
    this(firstPause, longestPause, Duration.ofMinutes(1), Clock.systemUTC());
  }

  RegistryRetry(Duration firstPause, Duration longestPause, Duration logInterval, Clock clock) {
    if (firstPause.isNegative() || firstPause.isZero() || longestPause.compareTo(firstPause) < 0) {
      throw new IllegalArgumentException(
          "pauses out of range: first=" + firstPause + ", longest=" + longestPause);
    }
    this.firstPause = firstPause;
    this.longestPause = longestPause;
    this.logInterval = logInterval;
    this.clock = clock;
  }

  /**
   * Calls until the registry answers, well or badly, and returns or throws what came of it.
   *
   * @param maxWait how long to go on after the first failure; {@link #FOREVER} if without end
   * @throws RegistryUnavailableException the last one, when {@code maxWait} is over or this helper
   *     was closed
   * @throws InterruptException if the thread was interrupted while it waited; the interrupt status
   *     is set
   */
  public <T> T call(Duration maxWait, Supplier<T> attempt) {
    long start = System.nanoTime();
    Duration pause = firstPause;
    while (true) {
      try {
        T answer = attempt.get();
        answered();
        return answer;
      } catch (RegistryUnavailableException e) {
        failed(e);
        long left = maxWait.toNanos() - (System.nanoTime() - start);
        if (left <= 0 || !sleep(Math.min(left, jittered(pause)))) {
          throw e;
        }
        pause = min(pause.multipliedBy(2), longestPause);
      } catch (BadMessageException | SchemaRefusedException e) {
        answered();
        throw e;
      }
    }
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  /** Between half and all of a pause, so that instances that failed together spread out. */
  private static long jittered(Duration pause) {
    long nanos = pause.toNanos();
    return nanos / 2 + ThreadLocalRandom.current().nextLong(nanos / 2 + 1);
  }

  /**
   * Waits; returns false, at once, when the helper is closed.
   *
   * @throws InterruptException if the thread was interrupted; the interrupt status is set
   */
  boolean pause(Duration duration) {
    return sleep(duration.toNanos());
  }

  /** Returns false at once when the helper is closed. */
  private boolean sleep(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !closed) {
        left = closing.awaitNanos(left);
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
      long now = System.nanoTime();
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

  /** Returns since when and why the registry is away; empty when the last call was answered. */
  public Optional<RegistryOutage> outage() {
    return Optional.ofNullable(outage);
  }

  /** Returns whether {@link #close} was called. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Ends the waiting of all threads, which get the failure they were waiting on, and of later ones.
   */
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
