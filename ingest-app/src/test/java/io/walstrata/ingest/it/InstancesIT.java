package io.walstrata.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.JobProcess;
import io.walstrata.harness.servers.JobReader;
import io.walstrata.harness.servers.ThrowingRunnable;
import io.walstrata.harness.soak.JobReads;
import io.walstrata.harness.soak.Ledger;
import io.walstrata.ingest.http.Answers;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.testkit.WrittenManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Several instances on several partitions: they join, leave and are killed while records come in.
 * Afterwards every record is there exactly once, and layers that two instances have of the same
 * freeze point are the same bytes.
 *
 * <p>{@code -Dwalstrata.rounds=N} goes through it N times, in random order.
 */
class InstancesIT extends WithServers {
  private static final int PARTITIONS = 4;
  private static final int TIMELINES = 6;
  private static final int SAMPLED_KEYS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static long seed;

  private final List<TestLoad> loads = new ArrayList<>();
  private final List<JobProcess> jobs = new ArrayList<>();

  @BeforeAll
  static void printSeed() {
    seed = Long.getLong("walstrata.seed", System.nanoTime());
    System.out.println("InstancesIT: -Dwalstrata.seed=" + seed);
  }

  private JobProcess instance(String topic, String name, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("wal.topics", topic);
    settings.put("application.id", topic);
    settings.put("freeze.offsets", "50");
    settings.put("streams.num.stream.threads", "2");
    settings.put("streams.commit.interval.ms", "200");
    settings.putAll(more);
    JobProcess job =
        new JobProcess(
            Distribution.locate(), folder.resolve(topic + "-" + name), broker, registry, settings);
    jobs.add(job);
    return job;
  }

  private static Void send(List<TestLoad> loads, AtomicBoolean enough) throws Exception {
    while (!enough.get()) {
      for (TestLoad load : loads) {
        load.step();
      }
      Thread.sleep(25);
    }
    return null;
  }

  /** Returns a timeline whose key goes to the partition that is next in turn. */
  private static TestLoad load(String topic, int number) {
    long loadSeed = seed + 1000L * number;
    while (partition(new TimelineId(0xC0FFEE, loadSeed)) != number % PARTITIONS) {
      loadSeed++;
    }
    return new TestLoad(broker, registry, topic, loadSeed);
  }

  private static int partition(TimelineId timeline) {
    return Utils.toPositive(Utils.murmur2(timeline.toBytes())) % PARTITIONS;
  }

  /** Something to do while records come in. */
  private void whileSending(String topic, ThrowingRunnable story) throws Exception {
    whileSendingTo(topic, story, this::assertSameLayersEverywhere);
  }

  private void whileSendingTo(String topic, ThrowingRunnable story, ThrowingRunnable after)
      throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService background = Executors.newSingleThreadExecutor();
    try {
      for (int i = 0; i < TIMELINES; i++) {
        loads.add(load(topic, i));
      }
      Future<?> sending = background.submit(() -> send(loads, enough));
      story.run();
      enough.set(true);
      sending.get(30, TimeUnit.SECONDS);
      for (TestLoad load : loads) {
        load.flush();
      }
      awaitAll();
      assertTogetherTheyKnowAll(new Random(seed));
      assertEachPartitionHasOneOwner(topic);
      after.run();
    } finally {
      enough.set(true);
      background.shutdownNow();
      jobs.forEach(JobProcess::close);
      loads.forEach(TestLoad::close);
    }
  }

  private List<JobProcess> running() {
    return jobs.stream().filter(JobProcess::isRunning).toList();
  }

  /** A timeline as an instance has it; empty if it does not have it. */
  private static Optional<Answers.Timeline> ask(JobProcess job, TestLoad load) {
    try {
      return new JobReader(job.url()).timeline(load.timeline());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean isThere(JobProcess job, TestLoad load) {
    return ask(job, load)
        .map(each -> !Lsn.parse(each.lastLsn()).isBefore(load.ledger().lastLsn()))
        .orElse(false);
  }

  private void awaitAll() {
    for (TestLoad load : loads) {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> running().stream().anyMatch(job -> isThere(job, load)));
    }
    // No instance that answers may lag for long, standbys included.
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () ->
                running().stream()
                    .allMatch(
                        job ->
                            loads.stream()
                                .allMatch(load -> ask(job, load).isEmpty() || isThere(job, load))));
  }

  /** A record that is missing or there twice shows in the count, a wrong one in the answers. */
  private void assertTogetherTheyKnowAll(Random random) throws Exception {
    int asked = 0;
    for (TestLoad load : loads) {
      Ledger ledger = load.ledger();
      List<PageKey> keys = new ArrayList<>(ledger.keys());
      Collections.shuffle(keys, random);
      int answering = 0;
      for (JobProcess job : running()) {
        Optional<Answers.Timeline> timeline = ask(job, load);
        if (timeline.isEmpty()) {
          continue;
        }
        answering++;
        assertThat(timeline.get().versions())
            .as("versions of %s in %s", load.timeline(), job)
            .isEqualTo(ledger.versions(Lsn.MAX));
        JobReads reads = new JobReads(List.of(job.url()), PATIENCE);
        for (PageKey key : keys.subList(0, Math.min(SAMPLED_KEYS, keys.size()))) {
          for (Lsn lsn : ledger.lsns(key)) {
            assertThat(reads.read(load.timeline(), key, lsn))
                .as("key=%s lsn=%s instance=%s", key, lsn, job)
                .isEqualTo(ledger.read(key, lsn));
            asked++;
          }
        }
      }
      assertThat(answering).as("instances that have " + load.timeline()).isPositive();
    }
    System.out.println("InstancesIT: read back versions=" + asked);
  }

  private static void assertEachPartitionHasOneOwner(String topic) throws Exception {
    try (Admin admin = broker.admin()) {
      ConsumerGroupDescription group =
          Objects.requireNonNull(
              admin
                  .describeConsumerGroups(List.of(topic))
                  .all()
                  .get(10, TimeUnit.SECONDS)
                  .get(topic));
      List<TopicPartition> owned = new ArrayList<>();
      group.members().forEach(member -> owned.addAll(member.assignment().topicPartitions()));
      assertThat(owned).hasSize(PARTITIONS).doesNotHaveDuplicates();
    }
  }

  /** Returns the delta files below an instance's home by their path in it. */
  private static Map<String, Path> layers(JobProcess job) throws IOException {
    Path home = job.folder().resolve("layers");
    Map<String, Path> layers = new TreeMap<>();
    if (Files.isDirectory(home)) {
      try (Stream<Path> files = Files.walk(home)) {
        files
            .filter(file -> file.toString().endsWith(".delta"))
            .forEach(file -> layers.put(home.relativize(file).toString(), file));
      }
    }
    return layers;
  }

  private void assertSameLayersEverywhere() throws IOException {
    Map<String, Path> known = new TreeMap<>();
    int compared = 0;
    for (JobProcess job : jobs) {
      for (Map.Entry<String, Path> layer : layers(job).entrySet()) {
        Path other = known.putIfAbsent(layer.getKey(), layer.getValue());
        if (other != null) {
          assertThat(Files.mismatch(other, layer.getValue()))
              .as("%s and %s", other, layer.getValue())
              .isEqualTo(-1);
          compared++;
        }
      }
    }
    assertThat(compared).as("layers that two instances have").isPositive();
  }

  @Test
  void instancesWithStandbysComeAndGo_everyRecordIsThereOnce() throws Exception {
    comeAndGo(/* standbys= */ 1);
  }

  @Test
  @Tag("long")
  void instancesComeAndGo_everyRecordIsThereOnce() throws Exception {
    comeAndGo(/* standbys= */ 0);
  }

  private void comeAndGo(int standbys) throws Exception {
    String topic = "many-" + standbys;
    broker.createTopic(topic, PARTITIONS, Map.of("retention.ms", "-1"));
    Map<String, String> settings =
        Map.of("streams.num.standby.replicas", Integer.toString(standbys));
    JobProcess a = instance(topic, "a", settings);
    JobProcess b = instance(topic, "b", settings);
    JobProcess c = instance(topic, "c", settings);
    Random random = new Random(seed);
    whileSending(
        topic,
        () -> {
          a.start();
          b.launch();
          awaitReady(b);
          if (standbys > 0) {
            awaitWarm(topic, a, b);
          }
          a.kill();
          c.launch(); // joins in the middle of that rebalance
          Thread.sleep(random.nextInt(2_000));
          a.launch();
          awaitReady(a);
          awaitReady(c);
          b.stop();
          for (int round = 1; round < Integer.getInteger("walstrata.rounds", 1); round++) {
            startOrStopOne(random);
          }
        });
  }

  private void startOrStopOne(Random random) throws Exception {
    JobProcess job = jobs.get(random.nextInt(jobs.size()));
    if (!job.isRunning()) {
      job.launch();
      if (running().size() > 1 && random.nextBoolean()) {
        Thread.sleep(random.nextInt(4_000));
        job.kill(); // in the middle of the rebalance that it has begun
      }
    } else if (running().size() > 1) {
      if (random.nextBoolean()) {
        job.kill();
      } else {
        job.stop();
      }
    }
    Thread.sleep(random.nextInt(6_000));
    if (running().isEmpty()) {
      job.launch();
    }
  }

  private static void awaitReady(JobProcess job) {
    await().atMost(PATIENCE).ignoreExceptions().until(job::isReady);
  }

  /** Each partition has layers in both places: one of them is the standby's. */
  private static void awaitWarm(String topic, JobProcess a, JobProcess b) {
    await()
        .atMost(PATIENCE)
        .until(() -> partitions(a).equals(partitions(b)) && !partitions(a).isEmpty());
    assertThat(partitions(a)).allMatch(each -> each.startsWith(topic));
  }

  private static Set<String> partitions(JobProcess job) {
    try {
      Set<String> partitions = new TreeSet<>();
      layers(job)
          .keySet()
          .forEach(
              path -> partitions.add(path.substring(0, path.indexOf('/', path.indexOf('/') + 1))));
      return partitions;
    } catch (IOException | java.io.UncheckedIOException e) {
      return Set.of(); // a file was renamed while it was listed
    }
  }

  @Test
  void instancesThatShareOneHome_handPartitionsOver_andWaitForOneThatHangs() throws Exception {
    String topic = "shared";
    broker.createTopic(topic, PARTITIONS, Map.of("retention.ms", "-1"));
    Map<String, String> settings =
        Map.of(
            "layers.home", folder.resolve("shared-layers").toString(), "claim.timeout.ms", "60000");
    JobProcess a = instance(topic, "a", settings);
    JobProcess b = instance(topic, "b", settings);
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService background = Executors.newSingleThreadExecutor();
    try {
      for (int i = 0; i < TIMELINES; i++) {
        loads.add(load(topic, i));
      }
      Future<?> sending = background.submit(() -> send(loads, enough));
      a.start();
      b.start();
      await()
          .atMost(PATIENCE)
          .until(() -> Files.readString(b.logFile()).contains("layers claimed: "));
      // Held for longer than the group waits: its partitions go to the other, its claims stay.
      kill(b, "STOP");
      await()
          .atMost(PATIENCE)
          .until(() -> Files.readString(a.logFile()).contains("waiting at most 60000 ms"));
      assertThat(Files.readString(a.logFile())).contains("layers belong to another owner");
      kill(b, "CONT");
      enough.set(true);
      sending.get(30, TimeUnit.SECONDS);
      for (TestLoad load : loads) {
        load.flush();
      }
      awaitAll();
      assertTogetherTheyKnowAll(new Random(seed));
      assertEachPartitionHasOneOwner(topic);
    } finally {
      enough.set(true);
      background.shutdownNow();
      jobs.forEach(JobProcess::close);
      loads.forEach(TestLoad::close);
    }
  }

  /** The lock of a home is gone, as after a restore from a backup: only the epoch shows it. */
  @Test
  @Tag("long")
  void instanceThatHangs_whoseLayersAreTakenOver_learnsIt_andUndoesNothing() throws Exception {
    String topic = "stolen";
    broker.createTopic(topic, PARTITIONS, Map.of("retention.ms", "-1"));
    Path layers = folder.resolve("stolen-layers");
    Map<String, String> settings =
        Map.of("layers.home", layers.toString(), "claim.timeout.ms", "60000");
    JobProcess a = instance(topic, "a", settings);
    JobProcess b = instance(topic, "b", settings);
    Path home = layers.resolve(topic);
    AtomicReference<Homes> takenOver = new AtomicReference<>();
    whileSendingTo(
        topic,
        () -> {
          a.start();
          b.start();
          await()
              .atMost(PATIENCE)
              .until(() -> Files.readString(b.logFile()).contains("layers claimed: "));
          kill(b, "STOP");
          String said = Files.readString(b.logFile());
          Map<Path, Long> epochs = new TreeMap<>();
          for (int partition = 0; partition < PARTITIONS; partition++) {
            Path each = home.resolve(Integer.toString(partition));
            if (said.contains("layers claimed: home=" + each + ",")) {
              epochs.put(each, WrittenManifest.read(each).epoch());
            }
            Files.deleteIfExists(each.resolve("lock"));
          }
          assertThat(epochs).isNotEmpty();
          await().atMost(PATIENCE).until(() -> hasAll(a));
          await().atMost(PATIENCE).ignoreExceptions().until(() -> areTakenOver(epochs));
          takenOver.set(Homes.below(home));
          kill(b, "CONT");
          await()
              .atMost(PATIENCE)
              .until(
                  () -> {
                    String since = Files.readString(b.logFile()).substring(said.length());
                    return since.contains("layers were taken over")
                        || since.contains("now=[]")
                        || since.contains("layers claimed: "); // again, so it had closed them
                  });
          assertNothingIsUndone(takenOver.get(), Homes.below(home));
        },
        () -> assertNothingIsUndone(takenOver.get(), Homes.below(home)));
  }

  /** Another owner has set freeze points of its own. */
  private static boolean areTakenOver(Map<Path, Long> epochs) throws IOException {
    for (Map.Entry<Path, Long> each : epochs.entrySet()) {
      WrittenManifest manifest = WrittenManifest.read(each.getKey());
      if (manifest.epoch() <= each.getValue() || manifest.layers().isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** The manifests of a topic's partitions, and the files that they name. */
  private record Homes(Map<Path, WrittenManifest> manifests, Map<Path, byte[]> files) {
    static Homes below(Path home) throws IOException {
      Map<Path, WrittenManifest> manifests = new TreeMap<>();
      Map<Path, byte[]> files = new TreeMap<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        Path each = home.resolve(Integer.toString(partition));
        if (WrittenManifest.isIn(each)) {
          WrittenManifest manifest = WrittenManifest.read(each);
          manifests.put(each, manifest);
          for (LayerPath path : manifest.layers().keySet()) {
            Path file = each.resolve(path.toString());
            files.put(file, Files.readAllBytes(file));
          }
        }
      }
      return new Homes(manifests, files);
    }
  }

  private static void assertNothingIsUndone(Homes before, Homes after) {
    before
        .manifests()
        .forEach(
            (home, manifest) -> {
              WrittenManifest later = after.manifests().get(home);
              assertThat(later).as("manifest of %s", home).isNotNull();
              assertThat(later.epoch())
                  .as("epoch of %s", home)
                  .isGreaterThanOrEqualTo(manifest.epoch());
              assertThat(later.layers())
                  .as("layers of %s", home)
                  .containsAllEntriesOf(manifest.layers());
            });
    before
        .files()
        .forEach(
            (file, bytes) -> assertThat(after.files().get(file)).as("%s", file).isEqualTo(bytes));
  }

  private static boolean hasAll(JobProcess job) throws IOException {
    String log = Files.readString(job.logFile());
    int last = log.lastIndexOf("partitions of this instance: ");
    return log.indexOf("now=[stolen-0, stolen-1, stolen-2, stolen-3]", last) > 0;
  }

  private static void kill(JobProcess job, String signal) throws Exception {
    int status =
        new ProcessBuilder("kill", "-s", signal, Long.toString(job.pid())).start().waitFor();
    assertThat(status).as("kill -s " + signal).isZero();
  }
}
