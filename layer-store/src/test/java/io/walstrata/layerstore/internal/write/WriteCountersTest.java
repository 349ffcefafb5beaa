package io.walstrata.layerstore.internal.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class WriteCountersTest {
  private final AtomicLong nanos = new AtomicLong(-7);
  private final WriteCounters counters = new WriteCounters(nanos::get);

  /** A share of which nothing is taken. */
  private static final class NoMemory implements MemoryShare {
    @Override
    public void onPressure(BooleanSupplier freeze) {}

    @Override
    public boolean freezeEarly() {
      return false;
    }

    @Override
    public long openBytes() {
      return 0;
    }

    @Override
    public long frozenBytes() {
      return 0;
    }

    @Override
    public long keptBytes() {
      return 0;
    }

    @Override
    public boolean isClosed() {
      return false;
    }

    @Override
    public void keep(long bytes) {}

    @Override
    public void setOpen(long bytes) {}

    @Override
    public void freeze(long bytes) {}

    @Override
    public void flushed(long bytes) {}

    @Override
    public void close() {}
  }

  private long held() {
    return counters.stats(new NoMemory(), Flusher.Backlog.NONE, /* syncNanos= */ 0).heldNanos();
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
