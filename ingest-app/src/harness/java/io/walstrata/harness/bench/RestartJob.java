package io.walstrata.harness.bench;

import io.walstrata.harness.servers.JavaProcess;
import io.walstrata.harness.servers.Ports;
import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.JobClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The job, asked over HTTP. */
final class RestartJob extends RestartSubject {
  private static final long POLL_MS = 10;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  private final Path layers;
  private final int port = Ports.free();
  private final JobClient client =
      new JobClient("http://127.0.0.1:" + port, CALL_TIMEOUT, CALL_TIMEOUT);

  /**
   * @param layers with all of the content but its tail
   * @param samples takes the results
   * @param mib of values at the first start
   */
  RestartJob(
      RestartServers servers,
      E2eTopic content,
      String guarantee,
      Path layers,
      ResultTable samples,
      long mib) {
    super(servers, "walstrata", "job", content, guarantee, samples, mib);
    this.layers = layers;
  }

  @Override
  JavaProcess process(long now, long next) {
    return new JavaProcess(
        servers.distribution().classPath(),
        "job",
        folder,
        List.of("-Dwalstrata.clients.log.level=info"),
        "io.walstrata.ingest.cli.Main",
        List.of(
            "run",
            "--http.port=" + port,
            "--bootstrap.servers=" + servers.broker().bootstrapServers(),
            "--schema.registry.url=" + servers.registry().url(),
            "--wal.topics=" + content.name(),
            "--application.id=" + content.name(),
            "--layers.home=" + layers,
            "--state.dir=" + folder.resolve("state"),
            "--streams.processing.guarantee=" + guarantee));
  }

  @Override
  OptionalLong awaitAnswer(JavaProcess process, long logged, E2eTopic now)
      throws IOException, InterruptedException {
    String path =
        JobClient.page(now.timeline().toString(), now.lastKey().toString())
            + "?bytes=base64&lsn="
            + now.lastLsn();
    String expected = Base64.getEncoder().encodeToString(now.lastValue());
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!isAnswer(path, expected)) {
      if (!process.isRunning() || System.nanoTime() - deadline > 0) {
        throw new IOException("the job does not answer: log=" + process.logFile());
      }
      Thread.sleep(POLL_MS);
    }
    return OptionalLong.of(System.currentTimeMillis());
  }

  @Override
  boolean awaitWritten(JavaProcess process, long logged, E2eTopic next)
      throws IOException, InterruptedException {
    return awaitAnswer(process, logged, next).isPresent();
  }

  private boolean isAnswer(String path, String expectedBytes) throws InterruptedException {
    try {
      JobClient.Reply reply = client.get(path);
      if (!reply.isOk()) {
        return false;
      }
      Answers.Base base = reply.as(Answers.Page.class).base();
      return base != null && expectedBytes.equals(base.bytes());
    } catch (IOException e) {
      return false; // It does not listen yet.
    }
  }

  /** The parts from {@code jvm_ms} to {@code tail_ms} follow each other, but for the checks. */
  @Override
  Map<String, @Nullable Long> parts(@Nullable Long answerMs, long startedMs, RestartLog log) {
    OptionalLong starting = log.first("starting:");
    OptionalLong running = log.first("from=REBALANCING, to=RUNNING");
    Map<String, @Nullable Long> parts = new HashMap<>();
    parts.put("jvm_ms", starting.isPresent() ? starting.getAsLong() - startedMs : null);
    parts.put("prepare_ms", number(log.between("starting:", "from=CREATED, to=REBALANCING")));
    parts.put("checks_ms", number(log.max("topics and layers checked:", " ms=")));
    parts.put(
        "group_ms",
        number(log.between("from=CREATED, to=REBALANCING", "Successfully synced group")));
    parts.put(
        "tasks_ms",
        number(log.between("Successfully synced group", "from=REBALANCING, to=RUNNING")));
    parts.put(
        "tail_ms",
        running.isPresent() && answerMs != null
            ? startedMs + answerMs - running.getAsLong()
            : null);
    parts.put("open_ms", number(log.max("layers opened:", " ms=")));
    parts.put(
        "transaction_ms", number(log.between("Invoking InitProducerId", "ProducerId set to")));
    parts.put("restore_ms", log.sum("restored:", " ms="));
    parts.put("restored_records", log.sum("restored:", "records="));
    return parts;
  }

  private static @Nullable Long number(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }
}
