package io.walstrata.layerstore.streams.internal;

import static io.walstrata.layerstore.streams.internal.TextWal.page;
import static io.walstrata.layerstore.streams.internal.TextWal.put;
import static io.walstrata.layerstore.streams.internal.TextWal.timeline;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.IngestCounters;
import io.walstrata.layerstore.streams.OnBadRecord;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.streams.TimelinesQuery;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the schedule of lives, and whichever path a record takes: the same files. */
class ReplayTest {
  @TempDir Path directory;

  private static TestLog mixedLog() {
    return new TestLog()
        .add(put(1, 7, 100, "a"))
        .add("batch 1 7:200:record:b 8:200:init:c 9:201:image:d")
        .addWithoutKey(put(1, 1, 1, "unseen"))
        .add("garbage")
        .add(put(2, 7, 50, "e"))
        .hole(5)
        .add("drop 1 8 10 300")
        .add(put(1, 7, 90, "late"))
        .add("batch 1 7:100:image:a 7:300:image:f")
        .addWithoutKey("unseen")
        .add("progress 2 900")
        .add(put(2, 8, 900, "g") + "\n" + put(1, 1, 400, "h"));
  }

  @Test
  void restore_givesTheSameFilesAsProcessing() throws Exception {
    TestLog log = mixedLog();
    FreezePolicy policy = FreezePolicy.everyOffsets(3).withEveryAgeMs(4_000);
    StateStoreOptions processed = StoreHarness.options(directory.resolve("processed"), policy);
    StateStoreOptions restored = StoreHarness.options(directory.resolve("restored"), policy);
    try (StoreHarness one = new StoreHarness(processed, directory.resolve("task1"));
        StoreHarness other = new StoreHarness(restored, directory.resolve("task2"))) {
      one.process(log.records()).flush();
      other.restore(log.records()).flush();
      assertThat(other.status().durableOffset()).isEqualTo(one.status().durableOffset());
      IngestCounters counters = one.status().counters();
      assertThat(counters.get(IngestCounter.BAD_RECORDS)).isEqualTo(3);
      assertThat(counters.get(IngestCounter.LATE_VERSIONS)).isEqualTo(1);
      assertThat(counters.get(IngestCounter.FREEZE_POINTS)).isGreaterThan(3);
    }
    assertThat(StoreHarness.layerFiles(processed)).isNotEmpty();
    assertThat(StoreHarness.layerFiles(restored)).isEqualTo(StoreHarness.layerFiles(processed));
  }

  @Test
  void restore_onBadRecordFail_doesNotStopAtWhatWasPassedBefore() throws Exception {
    StateStoreOptions failing =
        StoreHarness.options(directory.resolve("layers"), FreezePolicy.everyOffsets(100))
            .withOnBadRecord(OnBadRecord.FAIL);
    try (StoreHarness harness = new StoreHarness(failing, directory.resolve("task"))) {
      harness.restore(new TestLog().add("garbage").add(put(1, 7, 100, "a")).records());
      assertThat(harness.status().counters().get(IngestCounter.BAD_RECORDS)).isEqualTo(1);
      assertThat(harness.store.get(timeline(1), page(7), Lsn.of(100)).base()).isNotNull();
    }
  }

  @Test
  void fence_skipsWhatDurableLayersCover() throws Exception {
    TestLog log = mixedLog();
    StateStoreOptions options =
        StoreHarness.options(directory.resolve("layers"), FreezePolicy.everyOffsets(4));
    Path task = directory.resolve("task");
    try (StoreHarness first = new StoreHarness(options, task)) {
      first.process(log.records()).flush();
    }
    Map<String, String> files = StoreHarness.layerFiles(options);
    try (StoreHarness second = new StoreHarness(options, task)) {
      long durable = second.status().durableOffset().orElseThrow();
      second.restore(log.records()).flush();
      long covered = log.records().stream().filter(r -> r.offset() <= durable).count();
      long keyless =
          log.records().stream().filter(r -> r.offset() <= durable && r.key() == null).count();
      assertThat(second.status().counters().get(IngestCounter.SKIPPED_RECORDS))
          .isEqualTo(covered - keyless);
    }
    assertThat(StoreHarness.layerFiles(options)).isEqualTo(files);
  }

  @Test
  void lastLsn_survivesARestart_soThatLateStaysLate() throws Exception {
    StateStoreOptions options =
        StoreHarness.options(directory.resolve("layers"), FreezePolicy.everyOffsets(2));
    Path task = directory.resolve("task");
    TestLog log = new TestLog().add(put(1, 7, 100, "a")).add("progress 1 500");
    try (StoreHarness first = new StoreHarness(options, task)) {
      first.process(log.records()).flush();
    }
    log.add(put(1, 8, 400, "late"));
    try (StoreHarness second = new StoreHarness(options, task)) {
      second.process(log.from(2));
      assertThat(second.status().counters().get(IngestCounter.LATE_VERSIONS)).isEqualTo(1);
      assertThat(second.read(TimelinesQuery.all()))
          .extracting(TimelineInfo::lastLsn)
          .containsExactly(Lsn.of(500));
    }
  }
}
