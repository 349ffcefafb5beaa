package io.walstrata.harness.bench;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.RegistryServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.commons.io.FileUtils;

/**
 * Measures how long a killed job takes from the start of its process to its first right answer, by
 * the size of its layers, and beside it jobs with Kafka Streams' own stores.
 */
public final class RestartBench {
  /**
   * How to run it.
   *
   * @param sizes bytes of values in the layers
   * @param runs kills and starts of each, with its task directory and again without
   * @param peerBytes Kafka Streams' own stores are measured up to this size
   * @param limitSeconds a peer that takes longer, to fill or to start, is stopped
   * @param guarantees values of {@code processing.guarantee}
   * @param directory exists; the data goes to a new directory in it, which is deleted afterwards
   */
  public record Options(
      List<Long> sizes,
      int runs,
      long peerBytes,
      int limitSeconds,
      List<String> guarantees,
      Path directory) {}

  private static final int VALUE_BYTES = 8192;
  private static final long TAIL = 1000;

  private final Options options;
  private final Consumer<String> progress;
  private final RestartLoop loop;
  private final ResultTable samples =
      new ResultTable(
          "restart",
          "system",
          "guarantee",
          "size_mib",
          "task_directory",
          "run",
          "answer_ms",
          "jvm_ms",
          "prepare_ms",
          "checks_ms",
          "group_ms",
          "tasks_ms",
          "tail_ms",
          "open_ms",
          "transaction_ms",
          "restore_ms",
          "restored_records",
          "note");

  public RestartBench(Options options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
    this.loop = new RestartLoop(options.runs(), progress);
  }

  /**
   * Runs all sizes.
   *
   * @throws IOException if a server does not start, or the job does not come back
   */
  public Report run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(options.directory(), "walstrata-bench-");
    Map<String, String> facts = Facts.collect(directory);
    facts.put("runs", String.valueOf(options.runs()));
    facts.put("limit_s", String.valueOf(options.limitSeconds()));
    facts.put("value_bytes", String.valueOf(VALUE_BYTES));
    facts.put("tail_records", String.valueOf(TAIL));
    facts.put("written_before_kill_bytes", String.valueOf(RestartLoop.WRITTEN_BYTES));
    Distribution distribution = Distribution.locate();
    try (BrokerServer broker = new BrokerServer(distribution, directory.resolve("broker"));
        RegistryServer registry = new RegistryServer(distribution, directory.resolve("registry"))) {
      broker.start();
      registry.start();
      RestartServers servers = new RestartServers(distribution, directory, broker, registry);
      for (long size : options.sizes()) {
        run(servers, size);
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
    return new Report(facts, List.of(samples), List.of());
  }

  private void run(RestartServers servers, long size) throws IOException, InterruptedException {
    long mib = size >> 20;
    boolean hasPeers = size <= options.peerBytes();
    // A topic with everything, and a changelog and a store of each peer, which is deleted after it.
    long largest = size + (1 + 2L * options.runs()) * RestartLoop.WRITTEN_BYTES;
    long needed = largest * (hasPeers ? 4 : 2) + (1L << 30);
    long free = Files.getFileStore(servers.directory()).getUsableSpace();
    if (free < needed) {
      progress.accept("SKIPPED, no room: size_mib=" + mib + " free=" + free + " need=" + needed);
      samples.row(Map.of("system", "all", "size_mib", mib, "run", 0, "note", "skipped: no room"));
      return;
    }
    long versions = (size / VALUE_BYTES + TAIL) / 4 * 4;
    for (String guarantee : options.guarantees()) {
      job(servers, servers.topic(name("job", guarantee, mib), VALUE_BYTES, versions), guarantee);
    }
    if (hasPeers) {
      for (String guarantee : options.guarantees()) {
        peer(servers, E2eSystem.ROCKSDB, guarantee, /* isTransactional= */ false, versions, mib);
        peer(servers, E2eSystem.ROCKSDB, guarantee, /* isTransactional= */ true, versions, mib);
        peer(servers, E2eSystem.VERSIONED, guarantee, /* isTransactional= */ false, versions, mib);
      }
    }
  }

  private static String name(String who, String guarantee, long mib) {
    return "restart-" + mib + "-" + who + "-" + guarantee.replace('_', '-');
  }

  private void job(RestartServers servers, E2eTopic content, String guarantee)
      throws IOException, InterruptedException {
    long mib = ((content.versions() - TAIL) * VALUE_BYTES) >> 20;
    progress.accept("writing layers: size_mib=" + mib);
    Path layers = servers.directory().resolve("layers");
    new RestartState(content, TAIL).make(layers, servers.broker());
    loop.run(new RestartJob(servers, content, guarantee, layers, samples, mib));
    FileUtils.deleteDirectory(layers.toFile());
    servers.deleteTopics(content.name());
  }

  private void peer(
      RestartServers servers,
      E2eSystem system,
      String guarantee,
      boolean isTransactional,
      long versions,
      long mib)
      throws IOException, InterruptedException {
    String who = system.label() + (isTransactional ? "-transactional" : "");
    E2eTopic content = servers.topic(name(who, guarantee, mib), VALUE_BYTES, versions);
    progress.accept("filling a topic: size_mib=" + mib);
    content.fill(servers.broker());
    try {
      loop.run(
          new RestartPeer(
              servers,
              system,
              guarantee,
              isTransactional,
              content,
              loop.versionsAfter(content),
              TimeUnit.SECONDS.toNanos(options.limitSeconds()),
              samples,
              mib));
    } finally {
      FileUtils.deleteDirectory(servers.directory().resolve(content.name() + "-peer").toFile());
      servers.deleteTopics(content.name());
    }
  }
}
