package io.walstrata.ingest.status;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.walstrata.ingest.http.ReadOutcome;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Counts reads over HTTP by how they ended, and how long they took. Thread-safe. */
public final class ReadMeters {
  /** From a read that is in memory to one that waits for a disk that fails. */
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(3),
    Duration.ofMillis(10),
    Duration.ofMillis(30),
    Duration.ofMillis(100),
    Duration.ofMillis(300),
    Duration.ofSeconds(1),
    Duration.ofSeconds(3),
    Duration.ofSeconds(10)
  };

  private final MeterRegistry registry;
  private final Timer timer;
  private final Map<ReadOutcome, Counter> byOutcome = new ConcurrentHashMap<>(); // few

  ReadMeters(MeterRegistry registry) {
    this.registry = registry;
    this.timer =
        Timer.builder("walstrata.read")
            .description(
                "Time from a request for a page, for layers or for timelines to the beginning of"
                    + " its answer, in seconds")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    count(ReadOutcome.OK);
  }

  private Counter count(ReadOutcome outcome) {
    return byOutcome.computeIfAbsent(
        outcome,
        each ->
            Counter.builder("walstrata.reads")
                .description(
                    "Requests for pages, layers and timelines that this instance answered, by the"
                        + " code of the answer: ok, not_modified, or an error's code")
                .tag("code", each.code())
                .register(registry));
  }

  /**
   * Counts a read.
   *
   * @param nanos from the request to the beginning of the answer
   */
  public void read(ReadOutcome outcome, long nanos) {
    count(outcome).increment();
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }
}
