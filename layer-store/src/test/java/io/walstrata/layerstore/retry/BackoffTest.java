package io.walstrata.layerstore.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // as nanoTime may be

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  private static Duration ms(long ms) {
    return Duration.ofMillis(ms);
  }

  /** Pauses as long as it is told to, and returns the pauses, {@code most} of them at most. */
  private List<Duration> pauses(Backoff backoff, int most) {
    Backoff.Attempts attempts = backoff.start(clock::get);
    List<Duration> pauses = new ArrayList<>();
    for (Optional<Duration> pause = attempts.nextPause();
        pause.isPresent() && pauses.size() < most;
        pause = attempts.nextPause()) {
      pauses.add(pause.get());
      pass(pause.get());
    }
    return pauses;
  }

  @Test
  void doubling_growsToTheLongest() {
    assertThat(pauses(Backoff.doubling(ms(50), ms(300)), 5))
        .containsExactly(ms(50), ms(100), ms(200), ms(300), ms(300));
  }

  @Test
  void doubling_longestIsAPowerOfTwoOfTheFirst_isNotExceeded() {
    assertThat(pauses(Backoff.doubling(ms(50), ms(100)), 3))
        .containsExactly(ms(50), ms(100), ms(100));
  }

  @Test
  void constant_staysTheSame() {
    assertThat(pauses(Backoff.constant(ms(200)), 3)).containsExactly(ms(200), ms(200), ms(200));
  }

  @Test
  void within_lastPauseEndsAtTheTimeout() {
    assertThat(pauses(Backoff.constant(ms(200)).within(ms(500)), 9))
        .containsExactly(ms(200), ms(200), ms(100));
  }

  @Test
  void within_attemptsThatTakeTime_countToo() {
    Backoff.Attempts attempts = Backoff.constant(ms(200)).within(ms(500)).start(clock::get);
    pass(ms(450));
    assertThat(attempts.nextPause()).contains(ms(50));
    pass(ms(50));
    assertThat(attempts.nextPause()).isEmpty();
    assertThat(attempts.elapsed()).isEqualTo(ms(500));
  }

  @Test
  void within_noTime_hasNoPause() {
    assertThat(pauses(Backoff.constant(ms(1)).within(Duration.ZERO), 1)).isEmpty();
    assertThat(pauses(Backoff.constant(ms(1)).within(ms(-1)), 1)).isEmpty();
  }

  @Test
  void start_runsAreIndependent() {
    Backoff backoff = Backoff.doubling(ms(1), ms(8)).within(ms(100));
    Backoff.Attempts first = backoff.start(clock::get);
    assertThat(first.nextPause()).contains(ms(1));
    assertThat(first.nextPause()).contains(ms(2));
    pass(ms(60));

    Backoff.Attempts second = backoff.start(clock::get);
    assertThat(second.nextPause()).contains(ms(1));
    pass(ms(60));
    assertThat(first.nextPause()).isEmpty();
    assertThat(second.nextPause()).contains(ms(2));
  }

  @Test
  void longestDurations_doNotOverflow() {
    Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
    List<Duration> pauses = pauses(new Backoff(Duration.ofDays(70_000), endless, endless), 3);

    assertThat(pauses).first().isEqualTo(Duration.ofDays(70_000));
    assertThat(pauses).hasSize(2);
    assertThat(pauses.get(1)).isLessThanOrEqualTo(Duration.ofNanos(Long.MAX_VALUE));
  }

  @Test
  void values_outOfRange_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Backoff.constant(Duration.ZERO))
        .withMessage("first must be greater than 0 and at most longest: first=PT0S, longest=PT0S");
    assertThatIllegalArgumentException().isThrownBy(() -> Backoff.constant(ms(-1)));
    assertThatIllegalArgumentException().isThrownBy(() -> Backoff.doubling(ms(2), ms(1)));
  }
}
