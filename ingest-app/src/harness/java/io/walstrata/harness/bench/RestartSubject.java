package io.walstrata.harness.bench;

import io.walstrata.harness.servers.JavaProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A job that is killed and started again, over and over. */
abstract class RestartSubject {
  final RestartServers servers;
  final E2eTopic content;
  final String guarantee;
  final Path folder;

  private final String system;
  private final ResultTable samples;
  private final long mib;

  /**
   * @param system its name in the results
   * @param kind ends the name of its folder
   * @param samples takes the results
   * @param mib of values at the first start
   */
  RestartSubject(
      RestartServers servers,
      String system,
      String kind,
      E2eTopic content,
      String guarantee,
      ResultTable samples,
      long mib) {
    this.servers = servers;
    this.system = system;
    this.content = content;
    this.guarantee = guarantee;
    this.samples = samples;
    this.mib = mib;
    this.folder = servers.directory().resolve(content.name() + "-" + kind);
  }

  /** Returns how it is named in what is printed while the benchmark runs. */
  final String label() {
    return system + ", " + guarantee + ", size_mib=" + mib;
  }

  /** Returns its topic as it is before the first start. */
  final E2eTopic content() {
    return content;
  }

  /** Returns the directory that has a directory for each task. */
  final Path tasks() {
    return folder.resolve("state").resolve(content.name());
  }

  /**
   * Returns the process of a start; it is not launched.
   *
   * @param now versions in the topic
   * @param next versions that will be in the topic before it is killed
   */
  abstract JavaProcess process(long now, long next);

  /**
   * Waits until the last version of the topic is answered.
   *
   * @param logged length of the process's log before it was launched
   * @return the time, in milliseconds since 1970; empty if it takes longer than the limit
   */
  abstract OptionalLong awaitAnswer(JavaProcess process, long logged, E2eTopic content)
      throws IOException, InterruptedException;

  /** Waits until what was appended while it runs is there. Returns false as above. */
  abstract boolean awaitWritten(JavaProcess process, long logged, E2eTopic content)
      throws IOException, InterruptedException;

  /**
   * Takes the result of a start.
   *
   * @param isKept whether its task directories were as the kill had left them
   * @param answerMs from the start of the process to the answer; null if it was given up
   * @param note why it was given up
   */
  final void add(
      int run,
      boolean isKept,
      @Nullable Long answerMs,
      long startedMs,
      RestartLog log,
      String note) {
    Map<String, Object> cells = new HashMap<>();
    cells.put("system", system);
    cells.put("guarantee", guarantee);
    cells.put("size_mib", mib);
    cells.put("task_directory", isKept ? "kept" : "lost");
    cells.put("run", run);
    cells.put("note", note);
    if (answerMs != null) {
      cells.put("answer_ms", answerMs);
    }
    parts(answerMs, startedMs, log)
        .forEach(
            (heading, value) -> {
              if (value != null) {
                cells.put(heading, value);
              }
            });
    samples.row(cells);
  }

  /**
   * Returns what the log shows of the parts of a start, by heading; null for what it does not show.
   *
   * @param answerMs from the start of the process to the answer; null if it was given up
   */
  abstract Map<String, @Nullable Long> parts(
      @Nullable Long answerMs, long startedMs, RestartLog log);
}
