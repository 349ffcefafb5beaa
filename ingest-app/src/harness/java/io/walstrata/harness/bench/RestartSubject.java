package io.walstrata.harness.bench;

import io.walstrata.harness.servers.JavaProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A job that is killed and started again, over and over. */
interface RestartSubject {
  /** Returns how it is named in what is printed while the benchmark runs. */
  String label();

  /** Returns its topic as it is before the first start. */
  E2eTopic content();

  /** Returns the directory that has a directory for each task. */
  Path tasks();

  /**
   * Returns the process of a start; it is not launched.
   *
   * @param now versions in the topic
   * @param next versions that will be in the topic before it is killed
   */
  JavaProcess process(long now, long next);

  /**
   * Waits until the last version of the topic is answered.
   *
   * @param logged length of the process's log before it was launched
   * @return the time, in milliseconds since 1970; empty if it takes longer than the limit
   */
  OptionalLong awaitAnswer(JavaProcess process, long logged, E2eTopic content)
      throws IOException, InterruptedException;

  /** Waits until what was appended while it runs is there. Returns false as above. */
  boolean awaitWritten(JavaProcess process, long logged, E2eTopic content)
      throws IOException, InterruptedException;

  /**
   * Takes the result of a start.
   *
   * @param isKept whether its task directories were as the kill had left them
   * @param answerMs from the start of the process to the answer; null if it was given up
   * @param note why it was given up
   */
  void add(
      int run,
      boolean isKept,
      @Nullable Long answerMs,
      long startedMs,
      RestartLog log,
      String note);
}
