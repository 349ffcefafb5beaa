package io.walstrata.ingest.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.ingest.demo.BrokerServer;
import io.walstrata.ingest.demo.ClassArchive;
import io.walstrata.ingest.demo.Distribution;
import io.walstrata.ingest.demo.JavaProcess;
import io.walstrata.ingest.demo.Ports;
import io.walstrata.ingest.demo.RegistryServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long a killed job takes from the start of its process to its first right answer, by
 * the size of its layers, and beside it jobs with Kafka Streams' own stores.
 */
public final class RestartBench {
  /**
   * How to run it.
   *
   * @param sizes bytes of values in the layers
   * @param runs kills and starts of each
   * @param peerBytes Kafka Streams' own stores are measured up to this size
   * @param limitSeconds a peer that takes longer, to fill or to start, is given up
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
  private static final long POLL_MS = 10;
  private static final Duration SETTLE = Duration.ofSeconds(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Options options;
  private final Consumer<String> progress;
  private final HttpClient client = HttpClient.newHttpClient();
  private final ResultTable samples =
      new ResultTable(
          "restart",
          "system",
          "guarantee",
          "size_mib",
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
    Distribution distribution = Distribution.locate();
    List<String> archive = ClassArchive.options(distribution);
    facts.put("class_archive", archive.isEmpty() ? "no" : "yes");
    try (BrokerServer broker = new BrokerServer(distribution, directory.resolve("broker"));
        RegistryServer registry = new RegistryServer(distribution, directory.resolve("registry"))) {
      broker.start();
      registry.start();
      for (long size : options.sizes()) {
        new Size(distribution, archive, directory, broker, registry, size).run();
      }
    } finally {
      Directories.delete(directory);
    }
    return new Report(facts, List.of(samples), List.of());
  }

  /** All of one size. */
  private final class Size {
    private final Distribution distribution;
    private final List<String> archive;
    private final Path directory;
    private final BrokerServer broker;
    private final RegistryServer registry;
    private final long size;
    private final long mib;
    private final E2eTopic content;

    Size(
        Distribution distribution,
        List<String> archive,
        Path directory,
        BrokerServer broker,
        RegistryServer registry,
        long size) {
      this.distribution = distribution;
      this.archive = archive;
      this.directory = directory;
      this.broker = broker;
      this.registry = registry;
      this.size = size;
      this.mib = size >> 20;
      this.content = content("restart-" + mib);
    }

    private E2eTopic content(String topic) {
      return new E2eTopic(
          topic,
          new E2eCell(E2eCell.Message.BATCH, VALUE_BYTES),
          (size / VALUE_BYTES + TAIL) / 4 * 4,
          broker.bootstrapServers(),
          registry.url());
    }

    void run() throws IOException, InterruptedException {
      // A topic with everything, and a changelog and a store of each peer.
      long needed = size * (size <= options.peerBytes() ? 6 : 1) + (1L << 30);
      long free = Files.getFileStore(directory).getUsableSpace();
      if (free < needed) {
        progress.accept("SKIPPED, no room: size_mib=" + mib + " free=" + free + " need=" + needed);
        addPeer("all", "-", 0, null, null, "skipped: no room");
        return;
      }
      progress.accept("writing layers: size_mib=" + mib);
      Path layers = directory.resolve("layers");
      new RestartState(content, TAIL).make(layers, broker, registry.url());
      for (String guarantee : options.guarantees()) {
        walstrata(guarantee, layers);
      }
      Directories.delete(layers);
      deleteTopics(content.name());
      if (size <= options.peerBytes()) {
        peers();
      }
    }

    private void walstrata(String guarantee, Path layers) throws IOException, InterruptedException {
      int port = Ports.free();
      String application = content.name() + "-" + guarantee.replace('_', '-');
      Path folder = directory.resolve(application);
      try (JavaProcess job =
          new JavaProcess(
              distribution,
              "job",
              folder,
              options("-Dwalstrata.clients.log.level=info"),
              "io.walstrata.ingest.cli.Main",
              List.of(
                  "run",
                  "--http.port=" + port,
                  "--bootstrap.servers=" + broker.bootstrapServers(),
                  "--schema.registry.url=" + registry.url(),
                  "--wal.topics=" + content.name(),
                  "--application.id=" + application,
                  "--layers.home=" + layers,
                  "--state.dir=" + folder.resolve("state"),
                  "--streams.processing.guarantee=" + guarantee))) {
        for (int run = 0; run <= options.runs(); run++) {
          progress.accept("walstrata, " + guarantee + ": size_mib=" + mib + " start " + run);
          long position = Files.exists(job.logFile()) ? Files.size(job.logFile()) : 0;
          final long started = System.currentTimeMillis();
          job.launch();
          awaitAnswer(job, port);
          final long answered = System.currentTimeMillis();
          // The group learns of the offsets in its own time.
          Thread.sleep(SETTLE.toMillis());
          job.kill();
          if (run > 0) { // The first is no restart.
            add(guarantee, run, started, answered, RestartLog.read(job.logFile(), position));
          }
        }
      }
    }

    private List<String> options(String own) {
      List<String> options = new ArrayList<>(archive);
      options.add(own);
      return options;
    }

    /** The parts from {@code jvm_ms} to {@code tail_ms} follow each other, but for the checks. */
    private void add(String guarantee, int run, long started, long answered, RestartLog log) {
      OptionalLong starting = log.first("starting:");
      OptionalLong running = log.first("from=REBALANCING, to=RUNNING");
      samples.row(
          "walstrata",
          guarantee,
          mib,
          run,
          answered - started,
          starting.isPresent() ? starting.getAsLong() - started : null,
          number(log.between("starting:", "from=CREATED, to=REBALANCING")),
          number(log.max("topics and layers checked:", " ms=")),
          number(log.between("from=CREATED, to=REBALANCING", "Successfully synced group")),
          number(log.between("Successfully synced group", "from=REBALANCING, to=RUNNING")),
          running.isPresent() ? answered - running.getAsLong() : null,
          number(log.max("layers opened:", " ms=")),
          number(log.between("Invoking InitProducerId", "ProducerId set to")),
          log.sum("restored:", " ms="),
          log.sum("restored:", "records="),
          "messages behind the freeze point: " + TAIL);
    }

    private void awaitAnswer(JavaProcess job, int port) throws IOException, InterruptedException {
      URI uri =
          URI.create(
              "http://127.0.0.1:"
                  + port
                  + "/v1/timelines/"
                  + content.timeline()
                  + "/pages/"
                  + content.lastKey()
                  + "?bytes=base64&lsn="
                  + content.lastLsn());
      byte[] expected = content.lastValue();
      long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (!isAnswer(uri, expected)) {
        if (!job.isRunning() || System.nanoTime() - deadline > 0) {
          throw new IOException("the job does not answer: log=" + job.logFile());
        }
        Thread.sleep(POLL_MS);
      }
    }

    private boolean isAnswer(URI uri, byte[] expected) throws InterruptedException {
      try {
        HttpResponse<byte[]> response =
            client.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
          return false;
        }
        JsonNode bytes = JSON.readTree(response.body()).path("base").path("bytes");
        return bytes.asText().equals(Base64.getEncoder().encodeToString(expected));
      } catch (IOException e) {
        return false; // It does not listen yet.
      }
    }

    private void peers() throws IOException, InterruptedException {
      E2eTopic full = content("restart-peers-" + mib);
      progress.accept("filling a topic: size_mib=" + mib);
      full.fill(broker);
      for (E2eSystem system : List.of(E2eSystem.ROCKSDB, E2eSystem.VERSIONED)) {
        peer(system, full);
      }
      deleteTopics(full.name());
    }

    /** Fills the store once: a start under another guarantee goes on with what there is. */
    private void peer(E2eSystem system, E2eTopic full) throws IOException, InterruptedException {
      String application = full.name() + "-" + system.label();
      Path folder = Files.createDirectories(directory.resolve(application));
      try {
        for (String guarantee : options.guarantees()) {
          if (!peer(system, guarantee, full, application, folder)) {
            break;
          }
        }
      } finally {
        Directories.delete(folder);
        deleteTopics(application);
      }
    }

    /** Returns false if it was given up. */
    private boolean peer(
        E2eSystem system, String guarantee, E2eTopic full, String application, Path folder)
        throws IOException, InterruptedException {
      try (JavaProcess job =
          new JavaProcess(
              distribution,
              system.label(),
              folder,
              options("-Dwalstrata.log.level=warn"),
              PeerMain.class.getName(),
              List.of(
                  system.name(),
                  guarantee,
                  broker.bootstrapServers(),
                  registry.url(),
                  full.name(),
                  Integer.toString(VALUE_BYTES),
                  Long.toString(full.versions()),
                  application,
                  folder.resolve("state").toString()))) {
        for (int run = 0; run <= options.runs(); run++) {
          progress.accept(
              system.label() + ", " + guarantee + ": size_mib=" + mib + " start " + run);
          long position = Files.exists(job.logFile()) ? Files.size(job.logFile()) : 0;
          final long started = System.currentTimeMillis();
          job.launch();
          OptionalLong answered = awaitLine(job, position);
          if (answered.isEmpty()) {
            job.kill();
            String what = run == 0 ? "filling" : "restart";
            addPeer(system.label(), guarantee, run, null, null, what + " given up after the limit");
            return false;
          }
          Thread.sleep(SETTLE.toMillis());
          job.kill();
          if (run > 0) {
            long restored = RestartLog.read(job.logFile(), position).sum("RESTORED", "records=");
            long took = answered.getAsLong() - started;
            addPeer(system.label(), guarantee, run, took, restored, null);
          }
        }
        return true;
      }
    }

    private void addPeer(
        String system,
        String guarantee,
        int run,
        @Nullable Long answer,
        @Nullable Long restored,
        @Nullable String note) {
      samples.row(
          system, guarantee, mib, run, answer, null, null, null, null, null, null, null, null, null,
          restored, note);
    }

    private OptionalLong awaitLine(JavaProcess job, long position)
        throws IOException, InterruptedException {
      long deadline = System.nanoTime() + Duration.ofSeconds(options.limitSeconds()).toNanos();
      while (System.nanoTime() - deadline < 0) {
        OptionalLong answered = RestartLog.read(job.logFile(), position).max("ANSWER", "epochMs=");
        if (answered.isPresent() && answered.getAsLong() > 0) {
          return answered;
        }
        if (!job.isRunning()) {
          throw new IOException("a peer ended: log=" + job.logFile());
        }
        Thread.sleep(POLL_MS);
      }
      return OptionalLong.empty();
    }

    private void deleteTopics(String prefix) throws IOException, InterruptedException {
      try (Admin admin = broker.admin()) {
        List<String> topics =
            admin.listTopics().names().get().stream()
                .filter(topic -> topic.startsWith(prefix))
                .toList();
        admin.deleteTopics(topics).all().get();
      } catch (ExecutionException e) {
        throw new IOException("cannot delete topics: prefix=" + prefix, e);
      }
    }
  }

  private static @Nullable Long number(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }
}
