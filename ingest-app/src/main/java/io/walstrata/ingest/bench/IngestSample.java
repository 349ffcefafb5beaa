package io.walstrata.ingest.bench;

/**
 * What one run of a cell took, in seconds.
 *
 * @param totalSeconds from before the first put until files and index are gone
 * @param putSeconds until all versions are in the open layer
 * @param flushSeconds from the freeze until the delta file is durable; 0 without one
 * @param dropSeconds to delete the files and let go of the index
 * @param gcSeconds the garbage collector's share in the total
 * @param readsPerSecond range reads while versions were put; 0 without a reader
 */
record IngestSample(
    double totalSeconds,
    double putSeconds,
    double flushSeconds,
    double dropSeconds,
    double gcSeconds,
    double readsPerSecond) {}
