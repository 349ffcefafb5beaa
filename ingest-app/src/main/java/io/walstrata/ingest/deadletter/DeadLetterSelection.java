package io.walstrata.ingest.deadletter;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant. Immutable.
 *
 * @param reasons codes of reasons; empty for any
 * @param topic where the record was read; null for anywhere
 * @param partition its partition; null for any
 * @param fromOffset its lowest offset, inclusive
 * @param toOffset its highest offset, inclusive
 */
public record DeadLetterSelection(
    Set<String> reasons,
    @Nullable String topic,
    @Nullable Integer partition,
    long fromOffset,
    long toOffset) {
  public DeadLetterSelection {
    reasons = Set.copyOf(reasons);
  }

  boolean contains(DeadLetter letter) {
    return (reasons.isEmpty() || reasons.contains(letter.reason()))
        && (topic == null || topic.equals(letter.topic()))
        && (partition == null || partition == letter.partition())
        && letter.offset() >= fromOffset
        && letter.offset() <= toOffset;
  }
}
