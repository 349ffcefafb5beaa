package io.walstrata.ingest.demo;

import io.walstrata.ingest.produce.ProduceException;
import io.walstrata.ingest.produce.ProducerHandle;
import io.walstrata.ingest.produce.SyntheticContent;
import io.walstrata.ingest.produce.SyntheticProducer;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The job's classes as a JVM has them in memory, in a file of the distribution: with it most of the
 * time that a start takes goes away, which is the loading of ten thousand classes.
 */
public final class ClassArchive {
  /*
   * Class data sharing. A JVM that finds the archive made by another build, for other jars or with
   * another collector goes on without it; but one that was cut short is the end of that JVM. So the
   * archive is tried before it gets its name, and its length is noted beside it for those who use
   * it, the launcher among them.
   */
  private static final String FILE = "walstrata.jsa";
  private static final String TOPIC = "wal";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long PAUSE_MS = 50;

  private final Distribution distribution;
  private final Path directory;
  private final Consumer<String> progress;
  private final HttpClient client = HttpClient.newHttpClient();

  /**
   * @param distribution with the servers of the demo
   * @param directory empty, for what is needed meanwhile; stays the caller's to delete
   * @param progress takes a line for each step
   */
  public ClassArchive(Distribution distribution, Path directory, Consumer<String> progress) {
    this.distribution = distribution;
    this.directory = directory;
    this.progress = progress;
  }

  private static Path file(Distribution distribution) {
    return distribution.root().resolve("lib").resolve(FILE);
  }

  private static Path length(Path archive) {
    return archive.resolveSibling(archive.getFileName() + ".size");
  }

  /** Returns the options with which a JVM uses the archive; none if there is none that is whole. */
  public static List<String> options(Distribution distribution) throws IOException {
    Path archive = file(distribution);
    Path length = length(archive);
    if (!Files.isReadable(archive)
        || !Files.isReadable(length)
        || !Files.readString(length).strip().equals(Long.toString(Files.size(archive)))) {
      return List.of();
    }
    return options(archive);
  }

  private static List<String> options(Path archive) {
    // Nobody needs to know that an archive does not fit.
    return List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off");
  }

  /**
   * Makes the archive: runs a job, kills it, starts it again, asks it for all that it answers, and
   * has the JVM write down the classes that this took.
   *
   * @return where it is
   * @throws IOException if it cannot be made or written; one that was there stays then
   */
  public Path make() throws IOException, InterruptedException {
    try (BrokerServer broker = new BrokerServer(distribution, directory.resolve("broker"));
        RegistryServer registry = new RegistryServer(distribution, directory.resolve("registry"))) {
      progress.accept("starting a broker and a registry");
      broker.start();
      registry.start();
      broker.createTopic(TOPIC, 1, Map.of());
      progress.accept("running the job");
      Path made = directory.resolve(FILE);
      Training training = new Training(broker, registry);
      training.run(List.of(), /* isKilled= */ true);
      training.run(List.of("-XX:ArchiveClassesAtExit=" + made), /* isKilled= */ false);
      progress.accept("trying the archive");
      check(made);
      return publish(made);
    }
  }

  /** A job that is run, on a topic that gets more with each run. */
  private final class Training {
    private final BrokerServer broker;
    private final RegistryServer registry;
    private final int port = Ports.free();
    private final Path folder = directory.resolve("job");

    Training(BrokerServer broker, RegistryServer registry) {
      this.broker = broker;
      this.registry = registry;
    }

    void run(List<String> options, boolean isKilled) throws IOException, InterruptedException {
      // Before it starts, so that it has something to restore and to process, in each format.
      produce("batch");
      produce("record");
      try (JavaProcess job =
          new JavaProcess(
              distribution,
              "job",
              folder,
              options,
              "io.walstrata.ingest.cli.Main",
              List.of(
                  "run",
                  "--http.port=" + port,
                  "--bootstrap.servers=" + broker.bootstrapServers(),
                  "--schema.registry.url=" + registry.url(),
                  "--wal.topics=" + TOPIC,
                  "--layers.home=" + folder.resolve("layers"),
                  "--state.dir=" + folder.resolve("state"),
                  "--streams.commit.interval.ms=100",
                  "--freeze.offsets=100"))) {
        job.launch();
        await(job, "/health/ready");
        await(job, "/v1/timelines");
        SyntheticContent content = SyntheticProducer.content(settings("batch"));
        TimelineId timeline = content.timeline(0);
        await(job, "/v1/timelines/" + timeline + "/pages/" + content.key(timeline, 0));
        await(job, "/v1/timelines/" + timeline + "/layers");
        await(job, "/v1/status");
        await(job, "/metrics");
        // Offsets are committed, layers written.
        Thread.sleep(TimeUnit.SECONDS.toMillis(2));
        if (isKilled) {
          job.kill();
        } else {
          job.stop();
        }
      }
    }

    private void produce(String message) throws IOException, InterruptedException {
      try (ProducerHandle producer = SyntheticProducer.start(settings(message))) {
        if (!producer.await(PATIENCE) || producer.failure().isPresent()) {
          throw new IOException("cannot produce: failure=" + producer.failure());
        }
      } catch (ProduceException e) {
        throw new IOException("cannot produce: topic=" + TOPIC, e);
      }
    }

    private Map<String, String> settings(String message) {
      return Map.of(
          "bootstrap.servers",
          broker.bootstrapServers(),
          "schema.registry.url",
          registry.url(),
          "topic",
          TOPIC,
          "message",
          message,
          "value-bytes",
          "400",
          "keys",
          "100",
          "versions",
          "2000",
          "image-every",
          "4");
    }

    /** Asks until there is an answer. */
    private void await(JavaProcess job, String path) throws IOException, InterruptedException {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .timeout(PATIENCE)
              .build();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (job.isRunning() && System.nanoTime() - deadline < 0) {
        try {
          if (client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200) {
            return;
          }
        } catch (IOException e) {
          // It does not listen yet.
        }
        Thread.sleep(PAUSE_MS);
      }
      throw new IOException("the job does not answer: path=" + path + ", log=" + job.logFile());
    }
  }

  private void check(Path archive) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Distribution.java()));
    command.addAll(options(archive));
    command.addAll(
        List.of("-cp", distribution.classPath(), "io.walstrata.ingest.cli.Main", "--version"));
    Path log = directory.resolve("try.log");
    Process tried =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!Files.exists(archive)
        || !tried.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        || tried.exitValue() != 0) {
      tried.destroyForcibly();
      throw new IOException("the JVM has made no archive that it can use: output=" + log);
    }
  }

  private Path publish(Path made) throws IOException {
    Path target = file(distribution);
    Path temporary = target.resolveSibling(FILE + ".temp");
    Files.deleteIfExists(temporary);
    Files.copy(made, temporary);
    Files.deleteIfExists(length(target));
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    Files.writeString(temporary, Files.size(target) + "\n");
    Files.move(temporary, length(target), StandardCopyOption.ATOMIC_MOVE);
    return target;
  }
}
