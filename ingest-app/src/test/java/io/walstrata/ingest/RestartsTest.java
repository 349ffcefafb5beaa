package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RestartsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Restarts restarts = new Restarts(nanos::get, 1);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void pausesDouble_upToAMinute_andBeginAgainAfterAQuietTime() {
    long[] seconds = {1, 2, 4, 8, 16, 32, 60, 60};
    for (long each : seconds) {
      assertThat(restarts.next()).contains(Duration.ofSeconds(each));
      pass(Duration.ofSeconds(each));
    }
    pass(Duration.ofMinutes(10));
    assertThat(restarts.next()).contains(Duration.ofSeconds(1));
  }

  @Test
  void tooManyInAnHour_areRefused_andTheHourMoves() {
    for (int i = 0; i < Restarts.MOST_AN_HOUR; i++) {
      assertThat(restarts.next()).isPresent();
      pass(Duration.ofMinutes(1));
    }
    assertThat(restarts.next()).isEmpty();
    pass(Duration.ofMinutes(31));
    assertThat(restarts.next()).isPresent();
  }

  @Test
  void eachThreadHasItsOwnNumber_sinceOneOutageFailsAllOfThem() {
    Restarts ofMany = new Restarts(nanos::get, 16);
    for (int i = 0; i < 16 * Restarts.MOST_AN_HOUR; i++) {
      assertThat(ofMany.next()).isPresent();
    }
    assertThat(ofMany.next()).isEmpty();
  }
}
