package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RegistryRetryTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final RegistryRetry retry =
      new RegistryRetry(
          Duration.ofMillis(1),
          Duration.ofMillis(4),
          Duration.ofHours(1),
          Clock.fixed(NOW, ZoneOffset.UTC),
          System::nanoTime,
          Condition::awaitNanos);
  private final AtomicLong nanos = new AtomicLong(-5); // as System.nanoTime may be
  private final List<Duration> waited = new ArrayList<>();

  /** Waits by setting {@link #nanos} forward. */
  private final RegistryRetry timed =
      new RegistryRetry(
          Duration.ofMillis(2),
          Duration.ofMillis(32),
          Duration.ofMillis(50),
          Clock.fixed(NOW, ZoneOffset.UTC),
          nanos::get,
          (condition, pause) -> {
            waited.add(Duration.ofNanos(pause));
            nanos.addAndGet(pause);
            return 0;
          });

  private final AtomicInteger attempts = new AtomicInteger();

  private String failing(int times) {
    if (attempts.incrementAndGet() <= times) {
      throw new RegistryUnavailableException("attempt " + attempts, null);
    }
    return "answer";
  }

  @Test
  void call_answered_isNoOutage() {
    assertThat(retry.call(Duration.ZERO, () -> failing(0))).isEqualTo("answer");
    assertThat(retry.outage()).isEmpty();
  }

  @Test
  void call_failing_repeatsUntilAnswered() {
    assertThat(retry.call(RegistryRetry.FOREVER, () -> failing(5))).isEqualTo("answer");
    assertThat(attempts).hasValue(6);
    assertThat(retry.outage()).isEmpty();
  }

  @Test
  void call_zeroWait_failsAtOnceAndSaysWhy() {
    assertThatThrownBy(() -> retry.call(Duration.ZERO, () -> failing(9)))
        .isInstanceOf(RegistryUnavailableException.class)
        .isInstanceOf(RetriableException.class)
        .hasMessage("attempt 1");
    assertThatThrownBy(() -> retry.call(Duration.ZERO, () -> failing(9))).hasMessage("attempt 2");

    assertThat(retry.outage()).contains(new RegistryOutage(NOW, 2, "attempt 2"));
  }

  @Test
  void call_boundedWait_endsWithTheLastFailure() {
    assertThatThrownBy(() -> timed.call(Duration.ofMillis(50), () -> failing(Integer.MAX_VALUE)))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessage("attempt " + (waited.size() + 1));

    assertThat(waited.stream().reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(Duration.ofMillis(50));
    assertThat(attempts).hasValue(waited.size() + 1);
  }

  @Test
  void call_pausesGrowToTheLongest() {
    timed.call(RegistryRetry.FOREVER, () -> failing(8));

    assertThat(waited).hasSize(8);
    for (int i = 0; i < 8; i++) {
      Duration all = Duration.ofMillis(Math.min(32, 2 << i));
      assertThat(waited.get(i)).isBetween(all.dividedBy(2), all);
    }
  }

  @Test
  void call_badMessage_isAnAnswer() {
    assertThatThrownBy(() -> retry.call(Duration.ZERO, () -> failing(1)))
        .isInstanceOf(RegistryUnavailableException.class);

    assertThatThrownBy(
            () ->
                retry.call(
                    Duration.ZERO,
                    () -> {
                      throw new UnknownSchemaIdException(1, "none");
                    }))
        .isInstanceOf(UnknownSchemaIdException.class);
    assertThat(retry.outage()).isEmpty();
  }

  @Test
  void call_interrupted_endsAndKeepsTheInterrupt() throws Exception {
    AtomicBoolean interrupted = new AtomicBoolean();
    Throwable thrown =
        failureOfWaiting(
            () -> Thread.currentThread().isInterrupted(), interrupted, Thread::interrupt);

    assertThat(thrown).isInstanceOf(InterruptException.class);
    assertThat(interrupted).isTrue();
  }

  @Test
  void close_endsWaiting() throws Exception {
    Throwable thrown = failureOfWaiting(() -> true, new AtomicBoolean(), thread -> retry.close());

    assertThat(thrown).isInstanceOf(RegistryUnavailableException.class);
    assertThatThrownBy(() -> retry.call(RegistryRetry.FOREVER, () -> failing(Integer.MAX_VALUE)))
        .isInstanceOf(RegistryUnavailableException.class);
  }

  /** Starts a thread that waits for the registry, ends that, and returns what it threw. */
  private Throwable failureOfWaiting(
      BooleanSupplier after, AtomicBoolean observed, Consumer<Thread> end)
      throws InterruptedException {
    RegistryRetry patient = retry;
    CountDownLatch waiting = new CountDownLatch(2);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                patient.call(
                    RegistryRetry.FOREVER,
                    () -> {
                      waiting.countDown();
                      return failing(Integer.MAX_VALUE);
                    });
              } catch (RuntimeException e) {
                thrown.set(e);
                observed.set(after.getAsBoolean());
              }
            });
    thread.start();
    waiting.await();
    end.accept(thread);
    thread.join(10_000);
    return Objects.requireNonNull(thrown.get(), "the thread did not end");
  }

  @Test
  void call_logsOnceAndTheRecovery() {
    try (LogCapture log = new LogCapture(RegistryRetry.class)) {
      retry.call(RegistryRetry.FOREVER, () -> failing(5));

      assertThat(log.lines())
          .containsExactly(
              "WARN schema registry unavailable, waiting and retrying: attempt 1",
              "INFO schema registry answers again: away=0 s, attempts=5");
    }
  }

  @Test
  void call_longOutage_isLoggedOnceAnInterval() {
    try (LogCapture log = new LogCapture(RegistryRetry.class)) {
      timed.call(
          RegistryRetry.FOREVER,
          () -> {
            nanos.addAndGet(Duration.ofMillis(30).toNanos());
            return failing(3);
          });

      assertThat(log.lines())
          .containsExactly(
              "WARN schema registry unavailable, waiting and retrying: attempt 1",
              "WARN schema registry still unavailable: since=2026-01-02T03:04:05Z, attempts=3:"
                  + " attempt 3",
              "INFO schema registry answers again: away=0 s, attempts=3");
    }
  }

  @Test
  void pauses_mustBePositiveAndOrdered() {
    assertThatThrownBy(() -> new RegistryRetry(Duration.ZERO, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RegistryRetry(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
