package io.walstrata.harness.bench;

import io.walstrata.harness.servers.JavaProcess;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A job with a store of Kafka Streams, which reads from itself. */
final class RestartPeer extends RestartSubject {
  private static final long POLL_MS = 10;

  private final E2eSystem system;
  private final boolean isTransactional;
  private final long total;
  private final long limitNanos;

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
    super(
        servers,
        system.label() + (isTransactional ? "_transactional" : ""),
        "peer",
        content,
        guarantee,
        samples,
        mib);
    this.system = system;
    this.isTransactional = isTransactional;
    this.total = total;
    this.limitNanos = limitNanos;
  }

  @Override
  JavaProcess process(long now, long next) {
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
  OptionalLong awaitAnswer(JavaProcess process, long logged, E2eTopic now)
      throws IOException, InterruptedException {
    return awaitLine("ANSWER", process, logged);
  }

  @Override
  boolean awaitWritten(JavaProcess process, long logged, E2eTopic next)
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
  Map<String, @Nullable Long> parts(@Nullable Long answerMs, long startedMs, RestartLog log) {
    return answerMs == null
        ? Map.of()
        : Map.of("restored_records", log.sum("RESTORED", "records="));
  }
}
