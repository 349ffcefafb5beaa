package io.walstrata.ingest.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionAnswerTest {
  private static final TimelineId TIMELINE = new TimelineId(0xA, 1);
  private static final ReadAnswer<String> UNKNOWN = new ReadAnswer.UnknownTimeline<>(TIMELINE);
  private static final ReadAnswer<String> VALUE = new ReadAnswer.Found<>("page");
  private static final ReadAnswer<String> MOVING = new ReadAnswer.NotReady<>("moving");

  private static ReadAnswer<String> notReached(long lastLsn) {
    return new ReadAnswer.NotReached<>(TIMELINE, Lsn.of(0x500), Lsn.of(lastLsn));
  }

  private static PartitionAnswer<String> of(String partition, ReadAnswer<String> answer) {
    return new PartitionAnswer<>(partition, answer);
  }

  private static ReadAnswer<String> owner(List<PartitionAnswer<String>> answers) {
    return PartitionAnswer.ofOwner(TIMELINE, answers);
  }

  private static void assertSplit(ReadAnswer<String> one, ReadAnswer<String> other) {
    assertThat(owner(List.of(of("a-0", one), of("a-1", UNKNOWN), of("b-0", other))))
        .isEqualTo(new ReadAnswer.Split<>(TIMELINE, List.of("a-0", "b-0")));
  }

  @Test
  void thePartitionThatHasTheTimeline_answers() {
    assertThat(owner(List.of(of("wal-0", UNKNOWN), of("wal-1", VALUE)))).isEqualTo(VALUE);
    assertThat(owner(List.of(of("wal-0", notReached(0x300)), of("wal-1", UNKNOWN))))
        .isEqualTo(notReached(0x300));
  }

  @Test
  void noPartition_isUnknown() {
    assertThat(owner(List.of())).isEqualTo(UNKNOWN);
    assertThat(owner(List.of(of("wal-0", UNKNOWN), of("wal-1", UNKNOWN)))).isEqualTo(UNKNOWN);
  }

  @Test
  void partitionThatCannotBeAsked_matters_onlyIfNoOtherHasTheTimeline() {
    for (ReadAnswer<String> other : List.of(VALUE, notReached(0x300))) {
      assertThat(owner(List.of(of("wal-0", MOVING), of("wal-1", other)))).isEqualTo(other);
      assertThat(owner(List.of(of("wal-0", other), of("wal-1", MOVING)))).isEqualTo(other);
    }
    assertThat(owner(List.of(of("wal-0", MOVING), of("wal-1", UNKNOWN)))).isEqualTo(MOVING);
    assertThat(owner(List.of(of("wal-0", UNKNOWN), of("wal-1", MOVING)))).isEqualTo(MOVING);
  }

  @Test
  void failure_isTheAnswer() {
    ReadAnswer<String> failed = new ReadAnswer.Failed<>(new IOException("broken"));
    assertThat(owner(List.of(of("wal-0", UNKNOWN), of("wal-1", failed), of("wal-2", VALUE))))
        .isEqualTo(failed);
  }

  @Test
  void partitionsOfOneTopic_orOfTwo_areSplit() {
    assertSplit(VALUE, VALUE);
    assertSplit(VALUE, notReached(0x300));
    assertSplit(notReached(0x300), VALUE);
    assertSplit(notReached(0x300), notReached(0x400));
  }
}
