package io.walstrata.harness.soak;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.JobProcess;
import io.walstrata.harness.servers.RegistryServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.commons.io.FileUtils;
import org.apache.kafka.clients.admin.Admin;

/**
 * One topic, one job, one ledger, from empty to the last comparison. A soak is made of such
 * segments, so that neither disk nor memory grows with its length.
 */
final class Segment {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int SAMPLE = 10;
  private static final int ROUNDS_PER_FULL_CHECK = 3;

  /** Longer than a job takes to start, so that it is killed at every stage of that. */
  private static final int START_MS = 5000;

  private static final int RUN_MS = 1500;
  private static final int MORE_ENDS = 5;

  private final BrokerServer broker;
  private final RegistryServer registry;
  private final Soak.Options options;
  private final Guarantee guarantee;
  private final long seed;
  private final Path folder;
  private final SoakCounts counts;
  private final BooleanSupplier isOver;
  private final Runnable afterRound;
  private final Random random; // of settings and kills
  private final Random checks; // another one: how many numbers it makes depends on the job's speed
  private final List<JobProcess> jobs = new ArrayList<>();

  /**
   * @param isOver called after each round
   * @param afterRound called after each round
   */
  Segment(
      BrokerServer broker,
      RegistryServer registry,
      Soak.Options options,
      Guarantee guarantee,
      long seed,
      Path folder,
      SoakCounts counts,
      BooleanSupplier isOver,
      Runnable afterRound) {
    this.broker = broker;
    this.registry = registry;
    this.options = options;
    this.guarantee = guarantee;
    this.seed = seed;
    this.folder = folder;
    this.counts = counts;
    this.isOver = isOver;
    this.afterRound = afterRound;
    this.random = new Random(seed);
    this.checks = new Random(seed);
  }

  private String name() {
    return "soak-" + guarantee.setting().replace('_', '-') + "-" + Long.toHexString(seed);
  }

  /**
   * Runs rounds until it is over or something does not match, then compares everything.
   *
   * @throws IOException if the job does not come back, or ends by itself
   */
  void run() throws IOException, InterruptedException {
    broker.createTopic(name(), options.partitions(), Map.of("retention.ms", "-1"));
    Map<String, String> settings = jobSettings();
    for (int i = 0; i < options.instances(); i++) {
      jobs.add(
          new JobProcess(
              Distribution.locate(), folder.resolve("job-" + i), broker, registry, settings));
    }
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService background = Executors.newSingleThreadExecutor();
    try (SoakLoad load =
            new SoakLoad(
                broker.bootstrapServers(),
                registry.url(),
                name(),
                options.partitions(),
                2 * options.partitions(),
                seed);
        AnswerCheck answers =
            new AnswerCheck(
                new JobReads(jobs.stream().map(JobProcess::url).toList(), PATIENCE),
                load.timelines(),
                counts)) {
      Future<?> sending = background.submit(() -> send(load, enough));
      jobs.forEach(JobProcess::start);
      do {
        round(load, answers);
        counts.round();
        afterRound.run();
      } while (!isOver.getAsBoolean() && counts.mismatches() == 0);
      enough.set(true);
      await(sending);
      load.flush();
      finish(load, answers);
    } finally {
      background.shutdownNow();
      jobs.forEach(JobProcess::kill);
    }
  }

  private Map<String, String> jobSettings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("wal.topics", name());
    settings.put("application.id", name());
    settings.put("freeze.offsets", Integer.toString(40 + random.nextInt(160)));
    settings.put("freeze.bytes", Integer.toString((64 << 10) + random.nextInt(512 << 10)));
    settings.put("frozen.max", Integer.toString(1 + random.nextInt(3)));
    settings.put("write.buffer.bytes", Integer.toString(4096 << random.nextInt(6)));
    settings.put("streams.num.stream.threads", Integer.toString(1 + random.nextInt(2)));
    settings.put("streams.processing.guarantee", guarantee.setting());
    settings.put("streams.commit.interval.ms", Integer.toString(50 + random.nextInt(500)));
    // Only waited for when the state directory, and with it the transactional id, is lost.
    settings.put("streams.producer.transaction.timeout.ms", "4000");
    return settings;
  }

  /** Sends at a pace that changes: bursts, a steady flow, and pauses. */
  private static Void send(SoakLoad load, AtomicBoolean enough) throws Exception {
    Random pace = new Random();
    while (!enough.get()) {
      int burst = pace.nextInt(20) == 0 ? 100 : 1;
      for (int i = 0; i < burst; i++) {
        load.step();
      }
      load.check();
      Thread.sleep(pace.nextInt(100) == 0 ? pace.nextInt(500) : pace.nextInt(50));
    }
    return null;
  }

  private static void await(Future<?> sending) throws IOException, InterruptedException {
    try {
      sending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException("cannot send: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("the producer does not end: after=" + PATIENCE, e);
    }
  }

  /**
   * The job runs and has what was acknowledged before it was killed last; then it is killed again.
   */
  private void round(SoakLoad load, AnswerCheck answers) throws IOException, InterruptedException {
    load.check();
    answers.awaitAcknowledged();
    answers.checkSample(checks, SAMPLE);
    if (checks.nextInt(ROUNDS_PER_FULL_CHECK) == 0) {
      answers.checkNewest();
    }
    Thread.sleep(random.nextInt(RUN_MS));
    List<JobProcess> ended = new ArrayList<>(jobs);
    if (jobs.size() > 1 && random.nextInt(3) > 0) {
      ended = List.of(jobs.get(random.nextInt(jobs.size())));
    }
    for (JobProcess job : ended) {
      end(job);
    }
    if (random.nextInt(25) == 0) {
      counts.brokerKill();
      broker.kill();
      broker.start();
    }
    // Again, some times, while it starts, joins, restores, or has just begun.
    int more = random.nextInt(MORE_ENDS + 1);
    for (int i = 0; i < more && !isOver.getAsBoolean(); i++) {
      ended.forEach(JobProcess::launch);
      Thread.sleep(random.nextInt(START_MS));
      for (JobProcess job : ended) {
        requireRunning(job);
        end(job);
      }
    }
    ended.forEach(JobProcess::start);
  }

  private void end(JobProcess job) throws IOException {
    if (random.nextInt(12) == 0) {
      job.stop();
      counts.stop();
    } else {
      job.kill();
      counts.kill();
    }
    if (random.nextInt(15) == 0) {
      FileUtils.deleteDirectory(job.stateDir().toFile());
      counts.wipe();
    }
  }

  private static void requireRunning(JobProcess job) throws IOException {
    if (!job.isRunning()) {
      throw new IOException("the job ended by itself: log=" + job.logFile());
    }
  }

  private void finish(SoakLoad load, AnswerCheck answers) throws IOException, InterruptedException {
    answers.awaitAcknowledged();
    answers.checkNewest();
    answers.checkRest();
    new DeadLetterCheck(broker.bootstrapServers(), counts)
        .check(name() + "-dead-letters", load.bad(), guarantee);
    for (JobProcess job : jobs) {
      requireRunning(job);
      job.kill();
      counts.kill();
    }
    LayerCheck layers = new LayerCheck(load.timelines(), folder.resolve("scratch"), counts);
    for (JobProcess job : jobs) {
      layers.check(job.layersHome().resolve(name()));
    }
    checkTopics();
  }

  /** The topic is the changelog: there must be no other. */
  private void checkTopics() throws IOException, InterruptedException {
    try (Admin admin = broker.admin()) {
      Set<String> topics = admin.listTopics().names().get(10, TimeUnit.SECONDS);
      topics.stream()
          .filter(topic -> topic.contains("changelog"))
          .forEach(topic -> counts.mismatch("changelog topic=" + topic));
      if (counts.mismatches() == 0) {
        admin
            .deleteTopics(List.of(name(), name() + "-dead-letters"))
            .all()
            .get(30, TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot look after the topics: " + e, e);
    }
  }
}
