package io.walstrata.harness.bench;

import io.walstrata.harness.servers.JavaProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A job with a store of Kafka Streams, which reads from itself. */
final class RestartPeer implements RestartSubject {
  private static final long POLL_MS = 10;

  private final RestartServers servers;
  private final E2eSystem system;
  private final String guarantee;
  private final boolean isTransactional;
  private final E2eTopic content;
  private final long total;
  private final long limitNanos;
  private final ResultTable samples;
  private final long mib;
  private final Path folder;

  /**
   * @param total versions that its topic will have at the end
   * @param limitNanos what takes longer is stopped
   * @param samples takes the results
   * @param mib of values at the first start
   */
  RestartPeer(
      RestartServers servers,
      E2eSystem system,
      String guarantee,
      boolean isTransactional,
      E2eTopic content,
      long total,
      long limitNanos,
      ResultTable samples,
      long mib) {
    this.servers = servers;
    this.system = system;
    this.guarantee = guarantee;
    this.isTransactional = isTransactional;
    this.content = content;
    this.total = total;
    this.limitNanos = limitNanos;
    this.samples = samples;
    this.mib = mib;
    this.folder = servers.directory().resolve(content.name() + "-peer");
  }

  private String name() {
    return system.label() + (isTransactional ? "_transactional" : "");
  }

  @Override
  public String label() {
    return name() + ", " + guarantee + ", size_mib=" + mib;
  }

  @Override
  public E2eTopic content() {
    return content;
  }

  @Override
  public Path tasks() {
    return folder.resolve("state").resolve(content.name());
  }

  @Override
  public JavaProcess process(long now, long next) {
    PeerJob job =
        new PeerJob(
            system,
            guarantee,
            isTransactional,
            servers.broker().bootstrapServers(),
            servers.registry().url(),
            content.name(),
            content.valueBytes(),
            content.keys(),
            now,
            next,
            total,
            content.name(),
            folder.resolve("state"));
    return new JavaProcess(
        servers.distribution().harnessClassPath(),
        "peer",
        folder,
        List.of("-Dwalstrata.log.level=warn"),
        PeerMain.class.getName(),
        job.arguments());
  }

  @Override
  public OptionalLong awaitAnswer(JavaProcess process, long logged, E2eTopic now)
      throws IOException, InterruptedException {
    return awaitLine("ANSWER", process, logged);
  }

  @Override
  public boolean awaitWritten(JavaProcess process, long logged, E2eTopic next)
      throws IOException, InterruptedException {
    return awaitLine("WRITTEN", process, logged).isPresent();
  }

  private OptionalLong awaitLine(String line, JavaProcess process, long logged)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limitNanos;
    while (System.nanoTime() - deadline < 0) {
      OptionalLong time = RestartLog.read(process.logFile(), logged).max(line, "epochMs=");
      if (time.isPresent() && time.getAsLong() > 0) {
        return time;
      }
      if (!process.isRunning()) {
        throw new IOException("a peer ended: log=" + process.logFile());
      }
      Thread.sleep(POLL_MS);
    }
    return OptionalLong.empty();
  }

  @Override
  public void add(
      int run,
      boolean isKept,
      @Nullable Long answerMs,
      long startedMs,
      RestartLog log,
      String note) {
    Map<String, Object> cells = new HashMap<>();
    cells.put("system", name());
    cells.put("guarantee", guarantee);
    cells.put("size_mib", mib);
    cells.put("task_directory", isKept ? "kept" : "lost");
    cells.put("run", run);
    cells.put("note", note);
    if (answerMs != null) {
      cells.put("answer_ms", answerMs);
      cells.put("restored_records", log.sum("RESTORED", "records="));
    }
    samples.row(cells);
  }
}
