package io.walstrata.ingest.http;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AnswerPaceTest {
  /** An answer of which nothing is taken. */
  private static final class Stalled implements AnswerPace.Sending {
    final AtomicInteger aborts = new AtomicInteger();

    @Override
    public long sentBytes() {
      return 0;
    }

    @Override
    public void abort(String reason) {
      aborts.incrementAndGet();
      throw new IllegalStateException("closed already: " + reason);
    }
  }

  @Test
  void connectionThatCannotBeClosed_keepsNoneFromBeingLookedAt() {
    try (AnswerPace pace = new AnswerPace(Duration.ofMillis(1), 1_000)) {
      Stalled one = new Stalled();
      Stalled two = new Stalled();
      pace.begin(one);
      pace.begin(two);
      await().until(() -> one.aborts.get() > 1 && two.aborts.get() > 1);
    }
  }
}
