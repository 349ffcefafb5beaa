package io.walstrata.ingest.query;

import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.page.TimelineId;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer of one partition.
 *
 * @param partition {@code TOPIC-NUMBER}; the topic alone if none of its partitions could be asked
 */
record PartitionAnswer<T>(String partition, ReadAnswer<T> answer) {

  /**
   * Returns the answer of the one partition that has a timeline: its value, or why it has none.
   *
   * <ul>
   *   <li>{@link ReadAnswer.Failed} if the read of a partition failed;
   *   <li>{@link ReadAnswer.Split} if several have the timeline: each has a part of it, also of
   *       what is before an LSN that only one of them has reached;
   *   <li>{@link ReadAnswer.NotReady} if none of those that can be asked has it, and some cannot.
   *       While another one has it, it answers: the rest stays readable while a partition moves;
   *   <li>{@link ReadAnswer.UnknownTimeline} if none has it.
   * </ul>
   *
   * @param answers of all partitions
   */
  static <T> ReadAnswer<T> ofOwner(TimelineId timeline, List<PartitionAnswer<T>> answers) {
    List<PartitionAnswer<T>> owners = new ArrayList<>();
    ReadAnswer<T> without = new ReadAnswer.UnknownTimeline<>(timeline);
    for (PartitionAnswer<T> each : answers) {
      if (each.answer() instanceof ReadAnswer.Failed<T>) {
        return each.answer();
      }
      if (each.answer() instanceof ReadAnswer.NotReady<T>) {
        without = each.answer();
      } else if (!(each.answer() instanceof ReadAnswer.UnknownTimeline<T>)) {
        owners.add(each);
      }
    }
    return switch (owners.size()) {
      case 0 -> without;
      case 1 -> owners.get(0).answer();
      default ->
          new ReadAnswer.Split<>(
              timeline, owners.stream().map(PartitionAnswer::partition).toList());
    };
  }
}
