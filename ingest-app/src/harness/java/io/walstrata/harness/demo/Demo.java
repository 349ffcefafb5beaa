package io.walstrata.harness.demo;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Children;
import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.EmbeddedServer;
import io.walstrata.harness.servers.JobReader;
import io.walstrata.harness.servers.PostgresServer;
import io.walstrata.harness.servers.PostgresUnavailableException;
import io.walstrata.harness.servers.RegistryServer;
import io.walstrata.harness.servers.ServerException;
import io.walstrata.harness.servers.Terminal;
import io.walstrata.ingest.IngestJob;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.produce.ProducerHandle;
import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.logging.log4j.core.config.Configurator;
import org.jspecify.annotations.Nullable;

/**
 * The whole path on one machine: a source of WAL, a broker, a registry and the job, each real, some
 * load, and one page read as of three LSNs.
 */
public final class Demo implements AutoCloseable {
  private static final String TOPIC = "wal";
  private static final long FREEZE_BYTES = 2 << 20;

  /** How much later than a server this JVM may see a signal that both were sent. */
  private static final Duration SIGNAL_DELAY = Duration.ofSeconds(2);

  /** Where the WAL comes from. */
  public enum Source {
    POSTGRES,
    SYNTHETIC
  }

  /**
   * What to do.
   *
   * @param source null for PostgreSQL, and generated load where that cannot run
   * @param exit end after the reads instead of staying up
   * @param directory folder to use, absent or empty; null for a new temporary one
   * @param keep leave the folder when the demo ends; a failed demo always does
   */
  public record Options(
      @Nullable Source source, boolean exit, @Nullable Path directory, boolean keep) {}

  private final Options options;
  private final DemoConsole console;
  private final Distribution distribution;
  private final Path folder;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private volatile boolean failed;

  private Demo(Options options, DemoConsole console, Distribution distribution, Path folder) {
    this.options = options;
    this.console = console;
    this.distribution = distribution;
    this.folder = folder;
  }

  /** Makes the demo's folder. Nothing runs yet. */
  public static Demo prepare(Options options, PrintWriter out) throws IOException {
    Distribution distribution = Distribution.locate();
    Path folder;
    if (options.directory() == null) {
      folder = Files.createTempDirectory("walstrata-demo-");
      // PostgreSQL may have to run as another user, who needs a way to its own folder in here.
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    } else {
      folder = Files.createDirectories(options.directory().toAbsolutePath().normalize());
      try (Stream<Path> files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          throw new DemoFailedException("the folder must be empty or absent: --dir=" + folder);
        }
      }
    }
    logTo(logFile(folder));
    DemoConsole console = new DemoConsole(out, Terminal.isThere());
    return new Demo(options, console, distribution, folder);
  }

  /** What the job and the producer log in this process goes to a file, not between the lines. */
  private static void logTo(Path file) {
    if (System.getProperty("log4j2.configurationFile") == null) {
      System.setProperty("walstrata.demo.log", file.toString());
      Configurator.reconfigure(
          URI.create(String.valueOf(Demo.class.getResource("demo-log4j2.properties"))));
    }
  }

  private static Path logFile(Path folder) {
    return folder.resolve("demo.log");
  }

  /**
   * Runs the demo. Without {@code exit} it returns only if something it started ended by itself.
   *
   * @throws ServerException if something did not start or ended; names its log file
   * @throws DemoFailedException if an answer was not what it must be
   */
  public void run() throws Exception {
    try {
      runParts();
    } catch (Exception e) {
      if (Children.instance().isExitingWithin(SIGNAL_DELAY)) {
        // Ctrl-C: what failed was taken away from under this thread. The JVM ends in a moment.
        new CountDownLatch(1).await();
      }
      failed = true;
      throw e;
    }
  }

  private void runParts() throws Exception {
    open(this::removeFolder);
    console.line("Walstrata: a database's WAL goes in, any page as of any LSN comes out.");
    console.line("Everything runs on loopback and lives in %s (logs: *.log).", folder);
    console.heading("Start");
    BrokerServer broker = opened(new BrokerServer(distribution, folder));
    RegistryServer registry = opened(new RegistryServer(distribution, folder));
    DemoSource source = startServers(broker, registry);
    broker.createTopic(TOPIC, 1, Map.of("retention.ms", "-1"));
    IngestJob job = open(new IngestJob(jobConfig(broker, registry)));
    job.start();
    String url = job.url().toString();
    console.step("ingest job at %s, freezes layers every %d MiB", url, FREEZE_BYTES >> 20);
    ProducerHandle producer =
        open(source.startProducer(TOPIC, broker.bootstrapServers(), registry.url()));
    console.step("producer %s into topic \"%s\"", source.producing(), TOPIC);
    JobReader reader = new JobReader(url);
    Runnable check = () -> requireAlive(List.of(broker, registry), producer, job);
    DemoStory story = new DemoLoad(source, producer, reader, console, check).run();
    new PageReport(reader, story, console).print();
    console.line("");
    console.step("done: every answer is complete and as expected");
    if (!options.exit()) {
      sayWhatToTry(story, reader, url);
      open(() -> console.line("%nStopping."));
      while (true) { // Ctrl-C ends the JVM.
        check.run();
        Thread.sleep(200);
      }
    }
  }

  /** Starts the three at once; what is up is printed in the order in which it came up. */
  private DemoSource startServers(BrokerServer broker, RegistryServer registry) {
    console.step("starting a Kafka broker, a schema registry and the source of WAL");
    CompletableFuture<Void> brokerUp =
        CompletableFuture.runAsync(
            () -> {
              broker.start();
              console.step("Kafka broker at %s", broker.bootstrapServers());
            },
            Demo::inThread);
    CompletableFuture<Void> registryUp =
        CompletableFuture.runAsync(
            () -> {
              registry.start();
              console.step("schema registry at %s", registry.url());
            },
            Demo::inThread);
    CompletableFuture<DemoSource> sourceUp =
        CompletableFuture.supplyAsync(this::startSource, Demo::inThread);
    try {
      CompletableFuture.allOf(brokerUp, registryUp, sourceUp).join();
      return sourceUp.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw e;
    }
  }

  private static void inThread(Runnable work) {
    Thread thread = new Thread(work, "demo-start");
    thread.setDaemon(true);
    thread.start();
  }

  private DemoSource startSource() {
    if (options.source() != Source.SYNTHETIC) {
      PostgresServer postgres = opened(PostgresServer.bundled(distribution, folder));
      try {
        PostgresSource source = new PostgresSource(postgres);
        console.step("%s", source.startServer());
        return source;
      } catch (PostgresUnavailableException e) {
        if (options.source() == Source.POSTGRES) {
          throw e;
        }
        console.step("no PostgreSQL here: %s", String.valueOf(e.getMessage()));
        console.step("generated load is used instead, as with --source synthetic");
      }
    }
    DemoSource generated = new SyntheticSource();
    console.step("%s", generated.startServer());
    return generated;
  }

  private IngestConfig jobConfig(BrokerServer broker, RegistryServer registry) {
    return IngestConfig.of(
        Map.of(
            "bootstrap.servers", broker.bootstrapServers(),
            "schema.registry.url", registry.url(),
            "wal.topics", TOPIC,
            "application.id", "walstrata-demo",
            "layers.home", folder.resolve("layers").toString(),
            "state.dir", folder.resolve("state").toString(),
            "freeze.bytes", Long.toString(FREEZE_BYTES),
            "http.port", "0"));
  }

  private void sayWhatToTry(DemoStory story, JobReader reader, String url) {
    Lsn lsn = story.moments().get(1).lsn();
    console.heading("Try, in another terminal");
    console.line("  curl -s '%s'", reader.timelinesUrl());
    console.line("  curl -s '%s'", reader.pageUrl(story.timeline(), story.dottedKey(), lsn));
    String walstrata = distribution.launcher();
    console.line("  %s timelines --url %s", walstrata, url);
    console.line("  %s layers %s --url %s", walstrata, story.timeline(), url);
    console.line("  %s get %s %s \\", walstrata, story.timeline(), story.dottedKey());
    console.line("      --lsn %s --url %s", lsn, url);
    console.line("  %s layer verify %s", walstrata, folder.resolve("layers"));
    console.line("%nIt stays up until Ctrl-C.");
  }

  /** Throws if a part ended or failed, with the name of its log. */
  private void requireAlive(List<EmbeddedServer> servers, ProducerHandle producer, IngestJob job) {
    for (EmbeddedServer server : servers) {
      if (!server.isRunning()) {
        throw new ServerException(server.name() + " ended, log=" + server.logFile());
      }
    }
    if (!job.health().isLive()) {
      throw new DemoFailedException(
          "the job failed: " + job.health().reasons() + ", log=" + logFile(folder));
    }
    producer
        .failure()
        .ifPresent(
            failure -> {
              throw new DemoFailedException(
                  "the producer failed: " + failure.getMessage() + ", log=" + logFile(folder),
                  failure);
            });
  }

  /** Has the child closed at the end, whatever the end is. */
  private synchronized <T extends AutoCloseable> T open(T child) throws Exception {
    opened.push(child);
    Children.instance().start(child, () -> {});
    return child;
  }

  /** The same for a server, which looks after itself once it runs. */
  private synchronized <T extends EmbeddedServer> T opened(T server) {
    opened.push(server);
    return server;
  }

  /**
   * Stops everything, last started first, and removes the folder, unless it is to be kept. What
   * cannot be stopped does not keep the rest from it.
   */
  @Override
  public void close() throws IOException {
    if (Children.instance().isExiting()) {
      return; // The shutdown hook does the same.
    }
    List<AutoCloseable> children;
    synchronized (this) {
      children = List.copyOf(opened);
      opened.clear();
    }
    IOException first = null;
    for (AutoCloseable child : children) {
      try {
        child.close();
      } catch (Exception e) {
        first = first == null ? new IOException("could not close " + child + ": " + e, e) : first;
      }
      Children.instance().ended(child);
    }
    if (first != null) {
      throw first;
    }
  }

  private void removeFolder() throws IOException {
    if (failed || options.keep()) {
      console.line("The demo's files are left in %s", folder);
    } else {
      FileUtils.deleteDirectory(folder.toFile());
    }
  }
}
