package io.walstrata.harness.bench;

import io.walstrata.harness.bench.PeerReads.AsOf;
import java.util.Map;

/**
 * What one round of a store gave.
 *
 * @param versions how many were put before the time was over
 * @param putSeconds until the last put returned
 * @param flushSeconds from then until all was on disk
 * @param writtenPerByte bytes of calls that write, per byte ingested
 * @param toDiskPerByte bytes that went to storage, per byte ingested
 * @param diskPerByte size of the store's files, per byte ingested
 * @param beforeFlush reads, by what they were as of
 * @param afterFlush reads, by what they were as of
 */
record PeerSample(
    int versions,
    double putSeconds,
    double flushSeconds,
    double writtenPerByte,
    double toDiskPerByte,
    double diskPerByte,
    Map<AsOf, ReadSample> beforeFlush,
    Map<AsOf, ReadSample> afterFlush) {

  double putsPerSecond() {
    return versions / (putSeconds + flushSeconds);
  }
}
