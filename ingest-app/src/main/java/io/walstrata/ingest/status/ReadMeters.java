package io.walstrata.ingest.status;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
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
  private final Map<String, Counter> byCode = new ConcurrentHashMap<>(); // codes are few

  ReadMeters(MeterRegistry registry) {
    this.registry = registry;
    this.timer =
        Timer.builder("walstrata.read")
            .description(
                "Time from a request for a page, for layers or for timelines to the beginning of"
                    + " its answer, in seconds")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    count("ok");
  }

  private Counter count(String code) {
    return byCode.computeIfAbsent(
        code,
        each ->
            Counter.builder("walstrata.reads")
                .description(
                    "Requests for pages, layers and timelines that this instance answered, by the"
                        + " code of the answer: ok, not_modified, or an error's code")
                .tag("code", each)
                .register(registry));
  }

  /**
   * Counts a read.
   *
   * @param code how it ended: {@code ok}, {@code not_modified}, or an error's code
   * @param nanos from the request to the beginning of the answer
   */
  public void read(String code, long nanos) {
    count(code).increment();
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }
}
