package io.walstrata.harness.bench;

/** The time of the parts of a run, with a pause before the last one. */
final class Clock {
  private final long begin = System.nanoTime();
  private long putEnd;
  private long flushEnd;
  private long dropBegin;
  private long dropEnd;

  void endPut() {
    putEnd = System.nanoTime();
  }

  void endFlush() {
    flushEnd = System.nanoTime();
  }

  void beginDrop() {
    dropBegin = System.nanoTime();
  }

  void endDrop() {
    dropEnd = System.nanoTime();
  }

  double putSeconds() {
    return (putEnd - begin) / 1e9;
  }

  double flushSeconds() {
    return (flushEnd - putEnd) / 1e9;
  }

  double dropSeconds() {
    return (dropEnd - dropBegin) / 1e9;
  }
}
