package io.walstrata.ingest.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.deadletter.DeadLetter.Position;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ReplayMarksTest {
  private static final long FAR = 1L << 40;

  private final ReplayMarks marks =
      new ReplayMarks(Map.of(new TopicPartition("d", 0), 0L, new TopicPartition("d", 3), FAR));

  @Test
  void marks_areOfTheirPartitionAndOffset() {
    marks.add(new Position(0, 7));
    marks.add(new Position(3, FAR + 7));
    assertThat(marks.contains(new Position(0, 7))).isTrue();
    assertThat(marks.contains(new Position(0, 6))).isFalse();
    assertThat(marks.contains(new Position(3, FAR + 7))).isTrue();
    assertThat(marks.contains(new Position(3, 7))).isFalse();
    assertThat(marks.contains(new Position(1, 7))).isFalse();
  }

  @Test
  void marks_ofWhatIsGone_areNone() {
    marks.add(new Position(3, FAR - 1));
    marks.add(new Position(9, 0));
    marks.add(new Position(0, -5));
    assertThat(marks.contains(new Position(3, FAR - 1))).isFalse();
    assertThat(marks.contains(new Position(9, 0))).isFalse();
    assertThat(marks.contains(new Position(0, -5))).isFalse();
  }
}
