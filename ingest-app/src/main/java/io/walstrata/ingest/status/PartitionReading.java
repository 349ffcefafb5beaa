package io.walstrata.ingest.status;

import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/**
 * A partition of this instance, at the moment it was looked at.
 *
 * @param status what its store says
 * @param timelines its timelines
 * @param endOffset behind the topic's last committed record, as the broker said last
 * @param committedOffset the next offset to read, as the group has it or the consumer is at with
 *     nothing in hand; it passes markers of transactions and aborted records, which are not
 *     ingested
 * @param restore how far its restore is, if one is under way
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
