package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.WriteStats;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * State of a store at the moment of the query.
 *
 * @param topic the topic that the store is made from
 * @param partition its partition
 * @param isClaimed whether the store owns its home, as it does from the first record on
 * @param durableOffset the last offset that durable layers cover; empty if there are none
 * @param ingestedOffset the last offset that reads may see; empty if there is none
 * @param flushFailure why frozen layers cannot be written at the moment; empty if they can
 * @param inWork the record that is being ingested; empty between records
 * @param ingestWaiting why the store cannot ingest a record at the moment and retries; empty if it
 *     can
 * @param ingestFailure why the store takes no more records until it is opened again; empty if it
 *     does
 * @param damages damage in layer files that reads have found; reads that do not need those parts
 *     are answered
 * @param writes what is not durable yet, and the cost of making it durable
 */
public record LayerStoreStatus(
    String topic,
    int partition,
    boolean isClaimed,
    OptionalLong durableOffset,
    OptionalLong ingestedOffset,
    Optional<String> flushFailure,
    Optional<InWork> inWork,
    Optional<String> ingestWaiting,
    Optional<String> ingestFailure,
    List<String> damages,
    IngestCounters counters,
    WriteStats writes) {
  /**
   * A record that is being ingested: decoded, or applied, or waiting for the registry, the disk or
   * memory.
   *
   * @param offset its offset
   * @param nanos for how long already, in nanoseconds
   */
  public record InWork(long offset, long nanos) {}
}
