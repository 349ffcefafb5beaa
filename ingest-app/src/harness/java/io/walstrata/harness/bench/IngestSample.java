package io.walstrata.harness.bench;

/**
 * What one run of a cell took, in seconds.
 *
 * @param putSeconds until all versions are in the open layer
 * @param flushSeconds from the freeze until the delta file is durable; next to 0 without one
 * @param dropSeconds to release the index and delete the files
 * @param gcSeconds how much of it the garbage collector took
 * @param cpuSeconds processor time of all threads
 * @param readsPerSecond ranges read while versions were put; 0 without a reader
 */
record IngestSample(
    double putSeconds,
    double flushSeconds,
    double dropSeconds,
    double gcSeconds,
    double cpuSeconds,
    double readsPerSecond) {

  double totalSeconds() {
    return putSeconds + flushSeconds + dropSeconds;
  }
}
