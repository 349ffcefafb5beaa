package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.WriteStats;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a store is doing, at the moment it was asked.
 *
 * @param topic the topic that the store is made from
 * @param partition its partition
 * @param isClaimed whether the store owns its home; it does from the first record on
 * @param durableOffset the last offset that durable layers cover; empty if there are none
 * @param ingestedOffset the last offset that reads may see; empty if there is none
 * @param flushFailure why frozen layers cannot be written at the moment; empty when all is well
 * @param inWork the record that is being taken in; empty between records
 * @param ingestWaiting why the store cannot take a record in at the moment and tries again; empty
 *     when all is well
 * @param ingestFailure why the store takes no more records until it is opened again; empty when all
 *     is well
 * @param damages what is wrong with layer files that reads have met; reads that do not need those
 *     parts are answered
 * @param writes what is not durable yet, and what making it durable takes
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
   * A record that is being taken in: decoded, or applied, or waiting for the registry, the disk or
   * memory.
   *
   * @param offset its offset
   * @param nanos for how long, in nanoseconds
   */
  public record InWork(long offset, long nanos) {}
}
