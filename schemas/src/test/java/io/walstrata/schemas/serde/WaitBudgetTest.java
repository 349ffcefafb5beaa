package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WaitBudgetTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final AtomicLong nanos = new AtomicLong(-5); // as System.nanoTime may be
  private final WaitBudget budget = new WaitBudget(Duration.ofSeconds(10), nanos::get);

  private void pass(long seconds) {
    nanos.addAndGet(seconds * SECOND);
  }

  @Test
  void waiting_usesItUp() {
    budget.begin();
    pass(4);
    assertThat(budget.leftNanos()).isEqualTo(6 * SECOND);
    pass(7);
    assertThat(budget.leftNanos()).isZero();
    budget.end();
    pass(10);
    assertThat(budget.leftNanos()).as("what was too long is forgotten").isEqualTo(SECOND);
  }

  @Test
  void waitingTogether_countsOnce() {
    budget.begin();
    budget.begin();
    pass(2);
    budget.end();
    pass(1);
    budget.end();

    assertThat(budget.leftNanos()).isEqualTo(7 * SECOND);
  }

  @Test
  void whatIsUsedUp_comesBackInTenTimesTheTime() {
    budget.begin();
    pass(10);
    budget.end();
    pass(20);
    assertThat(budget.leftNanos()).isEqualTo(2 * SECOND);
    pass(10_000);
    assertThat(budget.leftNanos()).as("no more than at first").isEqualTo(10 * SECOND);
  }

  @Test
  void askedOften_comesBackAllTheSame() {
    budget.begin();
    pass(10);
    budget.end();
    for (int i = 0; i < 1000; i++) {
      nanos.addAndGet(7);
      budget.leftNanos();
    }
    assertThat(budget.leftNanos()).isBetween(350L, 700L);
  }

  @Test
  void noTimeAtAll_isNeverLeft() {
    WaitBudget none = new WaitBudget(Duration.ZERO, nanos::get);
    pass(1000);

    assertThat(none.leftNanos()).isZero();
  }

  @Test
  void timeWithoutEnd_doesNotOverflow() {
    WaitBudget endless = new WaitBudget(Duration.ofMillis(Long.MAX_VALUE), nanos::get);
    endless.begin();
    pass(10);
    endless.end();
    pass(1000);

    assertThat(endless.leftNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(WaitBudget.nanos(Duration.ofDays(-1))).isZero();
  }
}
