package io.walstrata.layerstore.streams;

import static io.walstrata.layerstore.streams.TextWal.page;
import static io.walstrata.layerstore.streams.TextWal.put;
import static io.walstrata.layerstore.streams.TextWal.timeline;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
    LayerStoresOptions processed = StoreHarness.options(directory.resolve("processed"), policy);
    LayerStoresOptions restored = StoreHarness.options(directory.resolve("restored"), policy);
    try (StoreHarness one = new StoreHarness(processed, directory.resolve("task1"));
        StoreHarness other = new StoreHarness(restored, directory.resolve("task2"))) {
      one.process(log.records()).flush();
      other.restore(log.records()).flush();
      assertThat(other.status().durableOffset()).isEqualTo(one.status().durableOffset());
      IngestCounters counters = one.status().counters();
      assertThat(counters.badRecords()).isEqualTo(3);
      assertThat(counters.lateVersions()).isEqualTo(1);
      assertThat(counters.freezePoints()).isGreaterThan(3);
    }
    assertThat(StoreHarness.layerFiles(processed)).isNotEmpty();
    assertThat(StoreHarness.layerFiles(restored)).isEqualTo(StoreHarness.layerFiles(processed));
  }

  @Test
  void restore_onBadRecordFail_doesNotStopAtWhatWasPassedBefore() throws Exception {
    LayerStoresOptions failing =
        StoreHarness.options(directory.resolve("layers"), FreezePolicy.everyOffsets(100))
            .withOnBadRecord(OnBadRecord.FAIL);
    try (StoreHarness harness = new StoreHarness(failing, directory.resolve("task"))) {
      harness.restore(new TestLog().add("garbage").add(put(1, 7, 100, "a")).records());
      assertThat(harness.status().counters().badRecords()).isEqualTo(1);
      assertThat(harness.store.get(timeline(1), page(7), Lsn.of(100)).base()).isNotNull();
    }
  }

  @Test
  void fence_skipsWhatDurableLayersCover() throws Exception {
    TestLog log = mixedLog();
    LayerStoresOptions options =
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
      assertThat(second.status().counters().skippedRecords()).isEqualTo(covered - keyless);
    }
    assertThat(StoreHarness.layerFiles(options)).isEqualTo(files);
  }

  @Test
  void lastLsn_survivesARestart_soThatLateStaysLate() throws Exception {
    LayerStoresOptions options =
        StoreHarness.options(directory.resolve("layers"), FreezePolicy.everyOffsets(2));
    Path task = directory.resolve("task");
    TestLog log = new TestLog().add(put(1, 7, 100, "a")).add("progress 1 500");
    try (StoreHarness first = new StoreHarness(options, task)) {
      first.process(log.records()).flush();
    }
    log.add(put(1, 8, 400, "late"));
    try (StoreHarness second = new StoreHarness(options, task)) {
      second.process(log.from(2));
      assertThat(second.status().counters().lateVersions()).isEqualTo(1);
      assertThat(second.query(TimelinesQuery.all()).getResult())
          .extracting(TimelineInfo::lastLsn)
          .containsExactly(Lsn.of(500));
    }
  }

  @Test
  void randomSchedules_giveTheSameFiles() throws Exception {
    long seed = Long.getLong("walstrata.seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int round = 0; round < Integer.getInteger("walstrata.rounds", 6); round++) {
      String name = "seed=" + seed + ", round=" + round;
      TestLog log = randomLog(random);
      FreezePolicy policy = randomPolicy(random);
      LayerStoresOptions once = StoreHarness.options(directory.resolve("once" + round), policy);
      try (StoreHarness harness = new StoreHarness(once, directory.resolve("t" + round))) {
        harness.process(log.records()).flush();
      }
      LayerStoresOptions many = StoreHarness.options(directory.resolve("many" + round), policy);
      runInManyLives(many, directory.resolve("u" + round), log, random);
      assertThat(StoreHarness.layerFiles(many).keySet())
          .as(name)
          .isEqualTo(StoreHarness.layerFiles(once).keySet());
      assertThat(StoreHarness.layerFiles(many)).as(name).isEqualTo(StoreHarness.layerFiles(once));
    }
  }

  /** Each life restores a part, processes a part, and ends at a record and a state of the files. */
  private static void runInManyLives(
      LayerStoresOptions options, Path task, TestLog log, Random random) throws Exception {
    boolean isLast = false;
    while (!isLast) {
      isLast = random.nextInt(6) == 0;
      try (StoreHarness life = new StoreHarness(options, task)) {
        Long committed = life.store.committedOffset(StoreHarness.PARTITION);
        long from = committed == null ? 0 : committed + 1;
        // The stream hands over more than needed when the group's offset lags behind the layers.
        long handedFrom = Math.max(0, from - random.nextInt(4));
        List<ConsumerRecord<byte[], byte[]>> rest = log.from(handedFrom);
        int end = isLast ? rest.size() : random.nextInt(rest.size() + 1);
        int restored = random.nextInt(end + 1);
        for (List<ConsumerRecord<byte[], byte[]>> batch :
            batches(rest.subList(0, restored), random)) {
          life.restore(batch);
        }
        life.process(rest.subList(restored, end));
        if (isLast || random.nextBoolean()) {
          life.flush();
        }
      }
    }
  }

  private static List<List<ConsumerRecord<byte[], byte[]>>> batches(
      List<ConsumerRecord<byte[], byte[]>> records, Random random) {
    List<List<ConsumerRecord<byte[], byte[]>>> batches = new ArrayList<>();
    int done = 0;
    while (done < records.size()) {
      int size = Math.min(records.size() - done, 1 + random.nextInt(5));
      batches.add(records.subList(done, done + size));
      done += size;
    }
    return batches;
  }

  private static TestLog randomLog(Random random) {
    TestLog log = new TestLog();
    long lsn = 1000;
    int size = 20 + random.nextInt(60);
    for (int i = 0; i < size; i++) {
      int timeline = 1 + random.nextInt(3);
      int block = random.nextInt(5);
      lsn += random.nextInt(3);
      String value = "v" + random.nextInt(1000);
      switch (random.nextInt(14)) {
        case 0 -> log.add("garbage");
        case 1 -> log.addWithoutKey(put(timeline, block, lsn, value));
        case 2 -> log.hole(1 + random.nextInt(8));
        case 3 -> log.add("drop " + timeline + " " + block + " " + (block + 2) + " " + lsn);
        case 4 -> log.add("progress " + timeline + " " + lsn);
        case 5 -> log.add(put(timeline, block, Math.max(1, lsn - random.nextInt(20)), value));
        case 6, 7 ->
            log.add(
                "batch "
                    + timeline
                    + " "
                    + block
                    + ":"
                    + lsn
                    + ":record:"
                    + value
                    + " "
                    + block
                    + ":"
                    + (lsn + 1)
                    + ":init:"
                    + value);
        default -> log.add(put(timeline, block, lsn, value));
      }
    }
    return log;
  }

  private static FreezePolicy randomPolicy(Random random) {
    FreezePolicy policy = FreezePolicy.everyOffsets(1 + random.nextInt(12));
    return switch (random.nextInt(3)) {
      case 0 -> policy.withEveryBytes(20 + random.nextInt(400));
      case 1 -> policy.withEveryAgeMs(1000L * (1 + random.nextInt(15))).withEveryOffsets(0);
      default -> policy;
    };
  }
}
