package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WriteCountersTest {
  private final AtomicLong nanos = new AtomicLong(-7);
  private final WriteCounters counters = new WriteCounters(nanos::get);

  private long held() {
    return counters
        .stats(MemoryBudget.unlimited().join(), Flusher.Backlog.NONE, /* syncNanos= */ 0)
        .heldNanos();
  }

  @Test
  void aHold_countsWhileItLasts() {
    counters.holdBegins();
    nanos.addAndGet(100);
    assertThat(held()).isEqualTo(100);
    counters.holdBegins(); // still the same
    nanos.addAndGet(50);
    assertThat(held()).isEqualTo(150);
    counters.holdEnds(0);
    nanos.addAndGet(1000);
    assertThat(held()).isEqualTo(150);
    counters.holdBegins();
    nanos.addAndGet(1);
    assertThat(held()).isEqualTo(151);
  }

  @Test
  void aHoldThatWasOverBeforeItWasSeen_counts() {
    counters.holdEnds(30);
    assertThat(held()).isEqualTo(30);
  }
}
