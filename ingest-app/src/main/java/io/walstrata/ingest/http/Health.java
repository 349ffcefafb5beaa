package io.walstrata.ingest.http;

import java.util.List;

/** How the job is. Called by many threads at once, and quick. */
@FunctionalInterface
public interface Health {
  Report report();

  /**
   * How the job was when it was asked.
   *
   * @param isLive false if only a new process can help
   * @param isReady whether reads are answered
   * @param state in a word, for people
   * @param reasons why it is not live, not ready, or not quite well
   */
  record Report(boolean isLive, boolean isReady, String state, List<String> reasons) {}
}
