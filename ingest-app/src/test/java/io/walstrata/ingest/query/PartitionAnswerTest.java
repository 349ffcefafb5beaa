package io.walstrata.ingest.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.ingest.http.SplitTimelineException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.TimelineId;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionAnswerTest {
  private static final TimelineId TIMELINE = new TimelineId(0xA, 1);

  private static PartitionAnswer<String> value(String topic, int partition) {
    return new PartitionAnswer<>(
        "layers-" + topic, partition, topic + "-" + partition, "page", null);
  }

  private static PartitionAnswer<String> behind(String topic, int partition, long lastLsn) {
    return new PartitionAnswer<>(
        "layers-" + topic,
        partition,
        topic + "-" + partition,
        null,
        new LsnNotReachedException(TIMELINE, Lsn.of(0x500), Lsn.of(lastLsn)));
  }

  private static String read(List<PartitionAnswer<String>> answers) {
    return PartitionAnswer.ofOwner(TIMELINE, answers).orElseThrow().value();
  }

  private static void assertSplit(
      PartitionAnswer<String> one, PartitionAnswer<String> other, String places) {
    for (List<PartitionAnswer<String>> answers :
        List.of(List.of(one, other), List.of(other, one))) {
      assertThatThrownBy(() -> PartitionAnswer.ofOwner(TIMELINE, answers))
          .isInstanceOf(SplitTimelineException.class)
          .hasMessageContaining(TIMELINE.toString());
    }
    assertThatThrownBy(() -> PartitionAnswer.ofOwner(TIMELINE, List.of(one, other)))
        .hasMessageContaining("partitions=" + places);
  }

  @Test
  void onePartition_answers() {
    assertThat(read(List.of(value("wal", 1)))).isEqualTo("page");
    assertThat(PartitionAnswer.ofOwner(TIMELINE, List.of())).isEmpty();
  }

  @Test
  void onePartition_thatIsBehind_saysHowFarItIs() {
    assertThatThrownBy(() -> read(List.of(behind("wal", 1, 0x300))))
        .isInstanceOf(LsnNotReachedException.class)
        .hasMessageContaining("lastLsn=0/300");
  }

  @Test
  void partitionsOfOneTopic_orOfTwo_areSplit() {
    assertSplit(value("wal", 0), value("wal", 1), "[wal-0, wal-1]");
    assertSplit(value("a", 0), value("b", 0), "[a-0, b-0]");
  }

  @Test
  void partitionsOfWhichSomeAreBehind_areSplit() {
    assertSplit(value("wal", 0), behind("wal", 1, 0x300), "[wal-0, wal-1]");
    assertSplit(behind("a", 0, 0x300), behind("b", 0, 0x400), "[a-0, b-0]");
  }
}
