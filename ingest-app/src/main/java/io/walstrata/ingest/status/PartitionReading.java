package io.walstrata.ingest.status;

import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/**
 * The state of a partition of this instance at one moment.
 *
 * @param status of its store
 * @param timelines its timelines
 * @param endOffset the offset after the topic's last committed record, as of the broker's last
 *     answer
 * @param committedOffset the next offset to read: the group's, or the consumer's when all that it
 *     has read is ingested; it is after markers of transactions and aborted records, which are not
 *     ingested
 * @param restore its restore, if one is in progress
 */
public record PartitionReading(
    LayerStoreStatus status,
    List<TimelineInfo> timelines,
    OptionalLong endOffset,
    OptionalLong committedOffset,
    Optional<RestoreProgress.Restore> restore) {

  /** Returns how many offsets are still to be ingested; empty while the end is not known. */
  public OptionalLong lag() {
    if (endOffset.isEmpty()) {
      return OptionalLong.empty();
    }
    long next = Math.max(status.ingestedOffset().orElse(-1) + 1, committedOffset.orElse(0));
    return OptionalLong.of(Math.max(0, endOffset.getAsLong() - next));
  }

  long badRecords(BadRecordReason reason) {
    return status.counters().badByReason().getOrDefault(reason, 0L);
  }

  long sum(ToLongFunction<TimelineInfo> of) {
    return timelines.stream().mapToLong(of).sum();
  }
}
