package io.walstrata.layerstore.streams.internal;

import static io.walstrata.layerstore.streams.internal.TextWal.page;
import static io.walstrata.layerstore.streams.internal.TextWal.put;
import static io.walstrata.layerstore.streams.internal.TextWal.timeline;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A timeline too many is refused as a bad record, the same one in each life. */
class TimelineLimitReplayTest {
  @TempDir Path directory;

  private StateStoreOptions options(String name) {
    return StoreHarness.options(directory.resolve(name), FreezePolicy.everyOffsets(4))
        .withEngine(LayerStoreOptions.DEFAULTS.withMaxTimelines(3));
  }

  private static TestLog log() {
    TestLog log = new TestLog();
    log.add("progress 1 10");
    log.add(put(2, 7, 10, "a") + "\n" + put(1, 7, 20, "b"));
    log.add(put(1, 8, 30, "c") + "\nprogress 3 10\nprogress 4 10"); // one of two would fit: none
    log.add("drop 5 1 9 10");
    log.add("progress 6 10");
    log.add("batch 7 7:10:image:x");
    log.add(put(8, 7, 10, "d"));
    log.add("batch 9"); // nothing in it
    log.add(put(5, 7, 20, "e"));
    log.add("garbage");
    return log;
  }

  private static final List<String> VERDICTS =
      List.of(
          "taken",
          "taken",
          "too_many_timelines",
          "taken",
          "too_many_timelines",
          "too_many_timelines",
          "too_many_timelines",
          "taken",
          "taken",
          "undecodable");

  private static String verdict(StoreHarness harness, ConsumerRecord<byte[], byte[]> record) {
    harness.store.process(TestLog.raw(record));
    Verdict verdict = harness.store.verdict(TestLog.raw(record));
    return verdict.isBad() ? verdict.badReason().code() : "taken";
  }

  private static List<String> verdicts(StoreHarness harness) {
    List<String> verdicts = new ArrayList<>();
    log().records().forEach(record -> verdicts.add(verdict(harness, record)));
    return verdicts;
  }

  @Test
  void verdicts_areThoseOfTheTopic_inEachLife() throws Exception {
    StateStoreOptions options = options("layers");
    try (StoreHarness harness = new StoreHarness(options, directory.resolve("task"))) {
      assertThat(verdicts(harness)).isEqualTo(VERDICTS);
      assertThat(harness.store.timelines())
          .extracting(TimelineInfo::timeline)
          .containsExactly(timeline(1), timeline(2), timeline(5));
      assertThat(harness.store.get(timeline(1), page(8), Lsn.of(20)).base()).isNull();
      assertThat(harness.status().counters().get(IngestCounter.BAD_RECORDS)).isEqualTo(5);
      harness.flush();
    }
    // The next life skips what is durable, and says the same of it.
    try (StoreHarness harness = new StoreHarness(options, directory.resolve("task"))) {
      assertThat(verdicts(harness)).isEqualTo(VERDICTS);
      assertThat(harness.status().counters().get(IngestCounter.SKIPPED_RECORDS)).isPositive();
    }
    StateStoreOptions restored = options("restored");
    try (StoreHarness harness = new StoreHarness(restored, directory.resolve("other"))) {
      harness.restore(log().records()).flush();
    }
    assertThat(StoreHarness.layerFiles(restored)).isEqualTo(StoreHarness.layerFiles(options));
  }
}
