package io.walstrata.ingest.query;

import io.walstrata.ingest.http.SplitTimelineException;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.TimelineId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a partition said to a question. Of a timeline, only those that have it say something: a
 * value, or that it has not come that far there.
 *
 * @param place {@code TOPIC-NUMBER}
 * @param answer null if {@code behind} is the answer
 * @param behind null if there is an answer
 */
record PartitionAnswer<R>(
    String store,
    int partition,
    String place,
    @Nullable R answer,
    @Nullable LsnNotReachedException behind) {

  /**
   * Returns the value.
   *
   * @throws LsnNotReachedException if the timeline has not come that far
   */
  R value() {
    if (behind != null) {
      throw behind;
    }
    return Objects.requireNonNull(answer);
  }

  /**
   * Returns the answer of the one partition that has a timeline; empty if none has it.
   *
   * @param answers of all that have it
   * @throws SplitTimelineException if several have it: each knows a part, also of what lies below
   *     an LSN that only one of them has reached
   */
  static <R> Optional<PartitionAnswer<R>> ofOwner(
      TimelineId timeline, List<PartitionAnswer<R>> answers) {
    if (answers.size() > 1) {
      throw new SplitTimelineException(
          timeline, answers.stream().map(PartitionAnswer::place).toList());
    }
    return answers.stream().findFirst();
  }
}
