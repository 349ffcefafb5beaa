package io.walstrata.ingest.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.http.Answers;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The job is killed with SIGKILL again and again while it ingests, restores and writes layers: what
 * it answered before it answers again, and in the end it knows exactly what was sent.
 */
class CrashIT {
  private static final int QUESTIONS = 40;
  private static final int SAMPLED_KEYS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path folder;
  private static BrokerServer broker;
  private static RegistryServer registry;
  private static long seed;

  @BeforeAll
  static void startServers() {
    seed = Long.getLong("walstrata.seed", System.nanoTime());
    System.out.println("CrashIT: -Dwalstrata.seed=" + seed);
    Distribution distribution = Distribution.locate();
    broker = new BrokerServer(distribution, folder.resolve("broker"));
    registry = new RegistryServer(distribution, folder.resolve("registry"));
    broker.start();
    registry.start();
  }

  @AfterAll
  static void stopServers() {
    registry.close();
    broker.close();
  }

  /** A question, and what the ledger says. */
  private record Question(PageKey key, Lsn asOf, Ledger.Answer expected) {}

  @ParameterizedTest
  @CsvSource({"at_least_once, 3", "exactly_once_v2, 2"})
  void killedJob_answersTheSame_andKnowsWhatWasSent(String guarantee, int kills) throws Exception {
    String topic = "wal-" + guarantee.replace('_', '-');
    broker.createTopic(topic, 1, Map.of("retention.ms", "-1"));
    Random random = new Random(seed);
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService background = Executors.newSingleThreadExecutor();
    try (TestLoad load = new TestLoad(broker, registry, topic, seed);
        JobProcess job = job(topic, guarantee)) {
      Future<?> sending = background.submit(() -> send(load, enough));
      job.start();
      JobQuestions questions = new JobQuestions(job.url(), load.timeline());
      for (int i = 0; i < kills; i++) {
        questions.await(load.ledger().lastLsn(), PATIENCE);
        Thread.sleep(random.nextInt(1500));
        List<Question> asked = ask(questions, load.ledger(), random);
        Lsn before = questions.lastLsn();
        job.kill();
        if (random.nextBoolean()) {
          // Once more, while it starts or restores.
          job.launch();
          Thread.sleep(500 + random.nextInt(2500));
          job.kill();
        }
        double seconds = start(job, questions, before);
        System.out.printf(
            Locale.ROOT, "CrashIT: %s, restart %d: %.1f s%n", guarantee, i + 1, seconds);
        for (Question each : asked) {
          assertThat(questions.read(each.key(), each.asOf())).isEqualTo(each.expected());
        }
      }
      enough.set(true);
      sending.get(30, TimeUnit.SECONDS);
      load.flush();
      questions.await(load.ledger().lastLsn(), PATIENCE);
      assertKnowsAll(questions, load, random);
      assertCounts(job, load);
      assertNoChangelog();
    } finally {
      background.shutdownNow();
    }
  }

  private static JobProcess job(String topic, String guarantee) {
    return new JobProcess(
        Distribution.locate(),
        folder.resolve("job-" + guarantee),
        broker,
        registry,
        Map.of(
            "wal.topics",
            topic,
            "application.id",
            "crash-" + guarantee,
            "freeze.offsets",
            "60",
            "streams.processing.guarantee",
            guarantee,
            "streams.commit.interval.ms",
            "200",
            "streams.producer.transaction.timeout.ms",
            "5000"));
  }

  private static Void send(TestLoad load, AtomicBoolean enough) throws Exception {
    while (!enough.get()) {
      load.step();
      Thread.sleep(8);
    }
    return null;
  }

  /** Asks for random pages at random LSNs; each answer is checked at once. */
  private static List<Question> ask(JobQuestions questions, Ledger ledger, Random random)
      throws Exception {
    Lsn last = questions.lastLsn();
    List<PageKey> keys = ledger.keys();
    List<Question> asked = new ArrayList<>();
    while (asked.size() < QUESTIONS) {
      PageKey key = keys.get(random.nextInt(keys.size()));
      List<Lsn> lsns = ledger.lsns(key).stream().filter(lsn -> !lsn.isAfter(last)).toList();
      if (lsns.isEmpty()) {
        continue;
      }
      Lsn asOf = lsns.get(random.nextInt(lsns.size()));
      Question question = new Question(key, asOf, ledger.read(key, asOf));
      assertThat(questions.read(key, asOf)).isEqualTo(question.expected());
      asked.add(question);
    }
    return asked;
  }

  private static double start(JobProcess job, JobQuestions questions, Lsn before) throws Exception {
    long started = System.nanoTime();
    job.start();
    questions.await(before, PATIENCE);
    return (System.nanoTime() - started) / 1e9;
  }

  /** Every version of some keys. */
  private static void assertKnowsAll(JobQuestions questions, TestLoad load, Random random)
      throws Exception {
    Ledger ledger = load.ledger();
    List<PageKey> keys = new ArrayList<>(ledger.keys());
    Collections.shuffle(keys, random);
    int asked = 0;
    for (PageKey key : keys.subList(0, SAMPLED_KEYS)) {
      for (Lsn lsn : ledger.lsns(key)) {
        assertThat(questions.read(key, lsn))
            .as("key=%s lsn=%s", key, lsn)
            .isEqualTo(ledger.read(key, lsn));
        asked++;
      }
    }
    System.out.println("CrashIT: read back versions=" + asked);
  }

  /** A version of any other key that is missing, or that two layers hold, shows here. */
  private static void assertCounts(JobProcess job, TestLoad load) throws Exception {
    Answers.Timeline timeline = new JobReader(job.url()).timeline(load.timeline()).orElseThrow();
    assertThat(timeline.versions()).isEqualTo(load.ledger().versions());
    assertThat(timeline.layers()).isGreaterThan(3);
  }

  private static void assertNoChangelog() throws Exception {
    try (Admin admin = broker.admin()) {
      assertThat(admin.listTopics().names().get(10, TimeUnit.SECONDS))
          .noneMatch(name -> name.contains("changelog"));
    }
  }
}
