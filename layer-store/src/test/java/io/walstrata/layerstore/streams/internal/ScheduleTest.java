package io.walstrata.layerstore.streams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestFormat;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.write.FreezeTracker;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.testkit.Seeds;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same log by many schedules of crashes, restarts, commits, batches and paths: as long as only
 * the policy freezes, the same files and the same manifest; whatever else freezes, the same
 * versions.
 *
 * <p>{@code -Dwalstrata.seeds=N} takes more logs, each of them by ten schedules.
 */
class ScheduleTest {
  private static final int SCHEDULES = 5; // of each kind

  @TempDir static Path taskDirectory;

  static java.util.stream.LongStream seeds() {
    return Seeds.seeds(Integer.getInteger("walstrata.seeds", 100));
  }

  /** Where a schedule is carried out, and what is found there in the end. */
  private static final class Run {
    private final StateStoreOptions options;
    private final Map<Long, FreezeReason> forced = new HashMap<>(); // offset -> last reason

    Run(FreezePolicy policy) {
      Path home = new Disk(DiskImage.EMPTY).start().getPath("/layers");
      options = StoreHarness.options(home, policy);
    }

    Map<String, String> files() throws IOException {
      return StoreHarness.layerFiles(options);
    }

    Manifest manifest() throws IOException {
      Path file = Path.of(options.home(0).location()).resolve("manifest");
      return Files.exists(file)
          ? ManifestFormat.decode("manifest", Files.readAllBytes(file)).withEpoch(0)
          : Manifest.EMPTY;
    }

    private StoreHarness start() throws IOException {
      return new StoreHarness(options, taskDirectory);
    }

    void once(TestLog log) throws Exception {
      try (StoreHarness life = start()) {
        life.process(log.records()).flush();
      }
    }

    /**
     * Each life restores a part, processes a part, and ends at a record and a state of the files.
     */
    void inManyLives(TestLog log, Random random, boolean freezesEarly) throws Exception {
      boolean isStandby = random.nextInt(5) == 0;
      boolean isLast = false;
      while (!isLast) {
        isLast = random.nextInt(6) == 0;
        try (StoreHarness life = start()) {
          Long committed = life.store.committedOffset(StoreHarness.PARTITION);
          long next = committed == null ? 0 : committed + 1;
          // The stream passes more than needed when the group's offset is below the layers'.
          List<ConsumerRecord<byte[], byte[]>> rest =
              log.from(Math.max(0, next - random.nextInt(4)));
          int end = isLast ? rest.size() : random.nextInt(rest.size() + 1);
          int restored = isStandby ? end : random.nextInt(end + 1);
          feed(life, rest.subList(0, restored), /* restores= */ true, random, freezesEarly);
          feed(life, rest.subList(restored, end), /* restores= */ false, random, freezesEarly);
          if (isLast || random.nextBoolean()) {
            life.flush();
          }
        }
      }
    }

    private void feed(
        StoreHarness life,
        List<ConsumerRecord<byte[], byte[]>> records,
        boolean restores,
        Random random,
        boolean freezesEarly)
        throws Exception {
      int done = 0;
      while (done < records.size()) {
        int size = Math.min(records.size() - done, 1 + random.nextInt(5));
        List<ConsumerRecord<byte[], byte[]>> batch = records.subList(done, done + size);
        done += size;
        if (restores) {
          life.restore(batch);
        } else {
          life.process(batch);
        }
        if (random.nextInt(4) == 0) {
          long offset = batch.get(size - 1).offset();
          life.store.commit(Map.of(StoreHarness.PARTITION, random.nextInt(3) == 0 ? -4 : offset));
        }
        if (random.nextInt(8) == 0) {
          life.flush();
        }
        if (freezesEarly && random.nextInt(3) == 0) {
          freezeEarly(life, random.nextBoolean() ? FreezeReason.MEMORY : FreezeReason.IDLE);
        }
      }
    }

    private void freezeEarly(StoreHarness life, FreezeReason reason) {
      if (life.store.freezeEarly(reason)) {
        forced.put(life.status().ingestedOffset().orElseThrow(), reason);
      }
    }

    /** Makes all that is ingested durable, and returns all of each timeline. */
    Map<Object, List<Object>> contentAtTheEnd(TestLog log) throws Exception {
      try (StoreHarness life = start()) {
        Long committed = life.store.committedOffset(StoreHarness.PARTITION);
        life.restore(log.from(committed == null ? 0 : committed + 1));
        freezeEarly(life, FreezeReason.IDLE);
        life.flush();
        Map<Object, List<Object>> content = new HashMap<>();
        for (TimelineInfo info : life.store.timelines()) {
          content.put(
              info.timeline(), List.of(info.lastLsn(), info.versions(), info.durableDigest()));
        }
        return content;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void onlyThePolicyFreezes_sameFilesAndManifest(long seed) throws Exception {
    Random random = new Random(seed);
    TestLog log = RandomWal.log(random);
    FreezePolicy policy = RandomWal.policy(random);
    Run once = new Run(policy);
    once.once(log);
    assertThat(once.manifest().layers())
        .as(Seeds.replay(seed))
        .allMatch(layer -> layer.freezeReason() == FreezeReason.POLICY);
    for (int schedule = 0; schedule < SCHEDULES; schedule++) {
      Run run = new Run(policy);
      run.inManyLives(log, random, /* freezesEarly= */ false);
      String name = Seeds.replay(seed) + ", schedule=" + schedule;
      assertThat(run.files().keySet()).as(name).isEqualTo(once.files().keySet());
      assertThat(run.files()).as(name).isEqualTo(once.files());
      assertThat(run.manifest()).as(name).isEqualTo(once.manifest());
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void othersFreezeToo_sameVersions_andItIsRecorded(long seed) throws Exception {
    Random random = new Random(seed);
    TestLog log = RandomWal.log(random);
    FreezePolicy policy = RandomWal.policy(random);
    Run once = new Run(policy);
    once.once(log);
    Map<String, String> files = once.files();
    List<ManifestLayer> layers = once.manifest().layers();
    Map<Object, List<Object>> content = once.contentAtTheEnd(log);
    for (int schedule = 0; schedule < SCHEDULES; schedule++) {
      Run run = new Run(policy);
      run.inManyLives(log, random, /* freezesEarly= */ true);
      String name = Seeds.replay(seed) + ", schedule=" + schedule;
      checkReasons(name, run, log, policy);
      if (policy.everyBytes() == 0 && policy.everyAgeMs() == 0) {
        checkUntouchedLayers(name, run, layers, files, log, policy);
      }
      assertThat(run.contentAtTheEnd(log)).as(name).isEqualTo(content);
    }
  }

  private static void checkReasons(String name, Run run, TestLog log, FreezePolicy policy)
      throws IOException {
    TreeSet<Long> early = new TreeSet<>();
    TreeSet<Long> byPolicy = new TreeSet<>();
    for (ManifestLayer layer : run.manifest().layers()) {
      long offset = layer.endOffset() - 1;
      if (layer.freezeReason() == FreezeReason.POLICY) {
        byPolicy.add(offset);
      } else {
        early.add(offset);
        assertThat(run.forced).as(name).containsKey(offset);
      }
    }
    // Where the policy freezes depends on nothing but the topic and the freeze points before.
    assertThat(freezePoints(log, policy, early)).as(name).containsAll(byPolicy);
  }

  private static List<Long> freezePoints(TestLog log, FreezePolicy policy, Set<Long> early) {
    FreezeTracker tracker = new FreezeTracker(policy, OptionalLong.empty());
    List<Long> points = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : log.records()) {
      RawRecord raw = TestLog.raw(record);
      if (raw.key() != null && tracker.add(raw.offset(), raw.sizeBytes(), raw.timestampMs())) {
        points.add(raw.offset());
      }
      if (early.contains(raw.offset())) {
        tracker = new FreezeTracker(policy, OptionalLong.of(raw.offset()));
      }
    }
    return points;
  }

  /**
   * Where a policy counts offsets, layers between two of its freeze points are what they were. An
   * early freeze takes a freeze point away if it is at the offset that the policy counted to, and
   * the first record with a key comes after that.
   */
  private static void checkUntouchedLayers(
      String name,
      Run run,
      List<ManifestLayer> layers,
      Map<String, String> files,
      TestLog log,
      FreezePolicy policy)
      throws IOException {
    TreeSet<Long> early = new TreeSet<>();
    for (ManifestLayer layer : run.manifest().layers()) {
      if (layer.freezeReason() != FreezeReason.POLICY) {
        early.add(layer.endOffset() - 1);
      }
    }
    List<Long> points = freezePoints(log, policy, Set.of());
    List<Long> pointsLeft = freezePoints(log, policy, early);
    Map<String, String> found = run.files();
    for (ManifestLayer layer : layers) {
      long freeze = layer.endOffset() - 1;
      long before = points.stream().filter(point -> point < freeze).reduce((a, b) -> b).orElse(-1L);
      boolean begins = before < 0 || pointsLeft.contains(before) || early.contains(before);
      if (begins && early.subSet(before + 1, freeze).isEmpty()) {
        assertThat(found.get(layer.path().toString()))
            .as(name + ", file=" + layer.path())
            .isEqualTo(files.get(layer.path().toString()));
      }
    }
  }
}
