package io.walstrata.ingest.http;

/** Counts the reads that were answered. Called by many threads at once; must not block. */
@FunctionalInterface
public interface ReadObserver {
  /** Counts nothing. */
  ReadObserver NONE = (code, nanos) -> {};

  /**
   * Counts a read of a page, of layers, or of timelines.
   *
   * @param code {@code ok}, {@code not_modified}, or an error's code
   * @param nanos from the request to the start of the answer
   */
  void read(String code, long nanos);
}
