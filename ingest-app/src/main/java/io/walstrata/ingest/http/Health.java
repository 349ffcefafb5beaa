package io.walstrata.ingest.http;

import java.util.List;

/** Reports the health of the job. Called by many threads at once; must not block. */
@FunctionalInterface
public interface Health {
  Report report();

  /**
   * The health of the job at one moment.
   *
   * @param isLive false if only a restart of the process can help
   * @param isReady whether reads are answered
   * @param state one word, for people
   * @param reasons why it is not live or not ready, and what else is not well
   */
  record Report(boolean isLive, boolean isReady, String state, List<String> reasons) {}
}
