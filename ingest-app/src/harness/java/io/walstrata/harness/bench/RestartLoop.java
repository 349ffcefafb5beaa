package io.walstrata.harness.bench;

import io.walstrata.harness.servers.JavaProcess;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;

/**
 * Starts a job, writes to its topic, kills it: some times with its task directories as the kill
 * leaves them, then as often with none.
 *
 * <p>How much it writes between start and kill matters. RocksDB in Kafka Streams notes "open" in a
 * memtable, without a log of its own. Only when that memtable, of 16 MiB, is full does the note
 * reach the disk; a store that is killed before looks closed in good order, and would under {@code
 * exactly_once_v2} be spared the rebuilding that it gets in real life.
 */
final class RestartLoop {
  /** Of values, three memtables. */
  static final long WRITTEN_BYTES = 48L << 20;

  private static final Duration SETTLE = Duration.ofSeconds(3);

  private final int runs;
  private final Consumer<String> progress;

  /**
   * @param runs measured starts with task directories, and as many without
   */
  RestartLoop(int runs, Consumer<String> progress) {
    this.runs = runs;
    this.progress = progress;
  }

  /** Returns how many versions a job writes between start and kill. */
  static long written(int valueBytes) {
    return WRITTEN_BYTES / valueBytes;
  }

  /** Returns how many versions a topic has after all starts. */
  long versionsAfter(E2eTopic content) {
    return content.versions() + (1 + 2L * runs) * written(content.valueBytes());
  }

  void run(RestartSubject subject) throws IOException, InterruptedException {
    E2eTopic content = subject.content();
    // The first is no restart.
    for (int start = 0; start <= 2 * runs; start++) {
      boolean isKept = start <= runs;
      if (!isKept) {
        deleteTasks(subject.tasks());
      }
      progress.accept(subject.label() + ": start " + start + (isKept ? "" : ", no task directory"));
      E2eTopic next = content.withVersions(content.versions() + written(content.valueBytes()));
      if (!start(subject, content, next, isKept ? start : start - runs, isKept)) {
        return;
      }
      content = next;
    }
  }

  /** Returns false if the time was up. */
  private boolean start(
      RestartSubject subject, E2eTopic content, E2eTopic next, int run, boolean isKept)
      throws IOException, InterruptedException {
    try (JavaProcess process = subject.process(content.versions(), next.versions())) {
      Path log = process.logFile();
      long logged = Files.exists(log) ? Files.size(log) : 0;
      long started = System.currentTimeMillis();
      process.launch();
      OptionalLong answered = subject.awaitAnswer(process, logged, content);
      if (answered.isEmpty()) {
        String what = run == 0 ? "filling" : "restart";
        add(subject, run, isKept, null, started, process, logged, what + " given up");
        return false;
      }
      if (run > 0) {
        long took = answered.getAsLong() - started;
        // The lines of the start must be read before more are written.
        add(subject, run, isKept, took, started, process, logged, "");
      }
      next.append(content.versions(), next.versions());
      if (!subject.awaitWritten(process, logged, next)) {
        add(subject, run, isKept, null, started, process, logged, "writing given up");
        return false;
      }
      // The group learns of the offsets in its own time.
      Thread.sleep(SETTLE.toMillis());
      process.kill();
      return true;
    }
  }

  private static void add(
      RestartSubject subject,
      int run,
      boolean isKept,
      @Nullable Long answerMs,
      long startedMs,
      JavaProcess process,
      long logged,
      String note)
      throws IOException {
    RestartLog log = RestartLog.read(process.logFile(), logged);
    subject.add(run, isKept, answerMs, startedMs, log, note);
  }

  /** Leaves what else is there: the name under which the process is known to its group. */
  private static void deleteTasks(Path directory) throws IOException {
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(directory, "[0-9]*_[0-9]*")) {
      for (Path task : tasks) {
        FileUtils.deleteDirectory(task.toFile());
      }
    }
  }
}
