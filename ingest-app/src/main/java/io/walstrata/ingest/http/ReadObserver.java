package io.walstrata.ingest.http;

/** Counts the reads that were answered. Called by many threads at once; must not block. */
@FunctionalInterface
public interface ReadObserver {
  /** Counts nothing. */
  ReadObserver NONE = (outcome, nanos) -> {};

  /**
   * Counts a read of a page, of layers, or of timelines.
   *
   * @param nanos from the request to the start of the answer
   */
  void read(ReadOutcome outcome, long nanos);
}
