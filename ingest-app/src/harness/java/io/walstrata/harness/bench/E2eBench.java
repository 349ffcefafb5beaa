package io.walstrata.harness.bench;

import static io.walstrata.harness.bench.ResultTable.decimal;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.commons.io.FileUtils;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Measures how fast a topic gets into a store that answers reads: the job's topology beside a plain
 * consumer of the same topic, and beside topologies with Kafka Streams' own stores.
 */
public final class E2eBench {
  /**
   * How to run it.
   *
   * @param volumeMib values in each topic, in MiB
   * @param warmups rounds before those that count
   * @param runs rounds that count
   * @param limitSeconds end a reading after this time
   * @param peers whether Kafka Streams' own stores are measured too
   * @param only cells whose label contains this; see {@link E2eCell#label}
   * @param directory exists; the data goes to a new directory in it, which is deleted afterwards
   */
  public record Options(
      int volumeMib,
      int warmups,
      int runs,
      int limitSeconds,
      boolean peers,
      String only,
      Path directory) {}

  private final Options options;
  private final List<E2eCell> cells;
  private final List<E2eSystem> systems;
  private final Consumer<String> progress;

  private final ResultTable samples =
      new ResultTable(
          "e2e_samples",
          "message",
          "value_bytes",
          "run",
          "system",
          "share",
          "seconds",
          "start_s",
          "mib_per_s",
          "cpu_s");
  private final ResultTable results =
      new ResultTable(
          "e2e",
          "message",
          "value_bytes",
          "system",
          "mib_per_s",
          "min",
          "max",
          "versions_per_s",
          "messages_per_s",
          "share_of_consumer",
          "share_read");

  /**
   * @param progress takes a line for each step
   * @throws IllegalArgumentException if no cell's label contains what the options ask for
   */
  public E2eBench(Options options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
    cells = E2eCell.all().stream().filter(cell -> cell.label().contains(options.only())).toList();
    systems =
        options.peers()
            ? List.of(E2eSystem.values())
            : List.of(E2eSystem.CONSUMER, E2eSystem.CONSUMER_AS_JOB, E2eSystem.WALSTRATA);
    if (cells.isEmpty()) {
      throw new IllegalArgumentException(
          "no cell is called so: only="
              + options.only()
              + ", cells="
              + E2eCell.all().stream().map(E2eCell::label).toList());
    }
  }

  /**
   * Runs all rounds of all cells.
   *
   * @throws IOException if a server does not start, or a system reads nothing
   */
  public Report run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(options.directory(), "walstrata-bench-");
    Map<String, String> facts = Facts.collect(directory);
    facts.put("volume_mib", String.valueOf(options.volumeMib()));
    facts.put("warmups", String.valueOf(options.warmups()));
    facts.put("runs", String.valueOf(options.runs()));
    facts.put("limit_s", String.valueOf(options.limitSeconds()));
    try (BrokerServer broker =
        new BrokerServer(Distribution.locate(), directory.resolve("broker"))) {
      broker.start();
      for (E2eCell cell : cells) {
        run(cell, broker, directory);
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
    return new Report(facts, List.of(results), List.of(samples));
  }

  private void run(E2eCell cell, BrokerServer broker, Path directory)
      throws IOException, InterruptedException {
    String name = cell.message().setting() + "-" + cell.valueBytes();
    // In this process, like all that use it; with an instance for each name.
    String registryUrl = "mock://bench-" + name;
    long versions = ((long) options.volumeMib() << 20) / cell.valueBytes() / 4 * 4;
    progress.accept("filling a topic: " + cell.label());
    E2eTopic topic = new E2eTopic(name, cell, versions, broker.bootstrapServers(), registryUrl);
    topic.fill(broker);
    Map<E2eSystem, List<E2eSample>> found = new TreeMap<>();
    try (Admin admin = broker.admin()) {
      long messages = endOffset(admin, name);
      for (int round = 0; round < options.warmups() + options.runs(); round++) {
        List<E2eSystem> order = new ArrayList<>(systems);
        Collections.rotate(order, -round);
        progress.accept("round " + (round + 1) + ": " + cell.label());
        for (E2eSystem system : order) {
          String application = "bench-" + name + "-" + system.label() + "-" + round;
          Path own = directory.resolve(application);
          E2eSample sample =
              new E2eRun(
                      topic,
                      messages,
                      broker.bootstrapServers(),
                      registryUrl,
                      own,
                      Duration.ofSeconds(options.limitSeconds()))
                  .run(system, application);
          deleteTopics(admin, application);
          FileUtils.deleteDirectory(own.toFile());
          if (round >= options.warmups()) {
            found.computeIfAbsent(system, each -> new ArrayList<>()).add(sample);
            addSample(cell, round - options.warmups() + 1, system, sample, messages);
          }
        }
      }
      addResults(cell, found, versions, messages);
      deleteTopics(admin, name);
    }
  }

  private static long endOffset(Admin admin, String topic)
      throws IOException, InterruptedException {
    TopicPartition partition = new TopicPartition(topic, 0);
    try {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()))
          .partitionResult(partition)
          .get()
          .offset();
    } catch (ExecutionException e) {
      throw new IOException("cannot read the end of the topic: error=" + e.getCause(), e);
    }
  }

  /** Deletes the topics whose names begin so: a topic, or an application's changelogs. */
  private static void deleteTopics(Admin admin, String prefix)
      throws IOException, InterruptedException {
    try {
      List<String> topics =
          admin.listTopics().names().get(30, TimeUnit.SECONDS).stream()
              .filter(topic -> topic.startsWith(prefix))
              .toList();
      admin.deleteTopics(topics).all().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot delete topics: prefix=" + prefix + ": " + e, e);
    }
  }

  private double mib(E2eSample sample, long messages) {
    return sample.messagesPerSecond() / messages * options.volumeMib();
  }

  private void addSample(E2eCell cell, int run, E2eSystem system, E2eSample sample, long messages) {
    samples.row(
        cell.message().setting(),
        cell.valueBytes(),
        run,
        system.label(),
        decimal(sample.share(), 3),
        decimal(sample.seconds(), 3),
        decimal(sample.startSeconds(), 3),
        decimal(mib(sample, messages), 1),
        decimal(sample.cpuSeconds(), 2));
  }

  private void addResults(
      E2eCell cell, Map<E2eSystem, List<E2eSample>> found, long versions, long messages) {
    double plain = 0;
    for (E2eSystem system : systems) {
      @Nullable List<E2eSample> all = found.get(system);
      if (all == null) {
        continue;
      }
      Spread mib = Spread.of(all, sample -> mib(sample, messages));
      plain = system == E2eSystem.CONSUMER ? mib.median() : plain;
      double rate = Spread.of(all, E2eSample::messagesPerSecond).median();
      results.row(
          cell.message().setting(),
          cell.valueBytes(),
          system.label(),
          decimal(mib.median(), 1),
          decimal(mib.min(), 1),
          decimal(mib.max(), 1),
          decimal(rate * versions / messages, 0),
          decimal(rate, 0),
          decimal(mib.median() / plain, 2),
          decimal(Spread.of(all, E2eSample::share).min(), 2));
    }
  }
}
