package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import org.junit.jupiter.api.Test;

class TimelineHistoryTest {
  private static final TimelineHistory HISTORY =
      TimelineHistory.parse(
          5, "1\t0/3000148\tno recovery target specified\n\n2\t0/50000A0\tbefore 2000-01-01\n");

  private static Lsn lsn(String text) {
    return Lsn.parse(text);
  }

  @Test
  void timelineAtAnLsn_isTheOneThatWroteIt() {
    assertThat(HISTORY.number()).isEqualTo(5);
    assertThat(HISTORY.at(lsn("0/3000147"))).isEqualTo(1);
    assertThat(HISTORY.at(lsn("0/3000148"))).isEqualTo(2);
    assertThat(HISTORY.at(lsn("0/500009F"))).isEqualTo(2);
    assertThat(HISTORY.at(lsn("0/50000A0"))).isEqualTo(5);
    assertThat(HISTORY.at(lsn("FFFFFFFF/0"))).isEqualTo(5);
    assertThat(HISTORY).hasToString("1..0/3000148,2..0/50000A0,5..");
  }

  @Test
  void logUpToTheSwitch_continues() {
    assertThatCode(() -> HISTORY.requireContinues(1, lsn("0/3000148"))).doesNotThrowAnyException();
    assertThatCode(() -> HISTORY.requireContinues(2, lsn("0/4000000"))).doesNotThrowAnyException();
    assertThatCode(() -> HISTORY.requireContinues(5, lsn("7/0"))).doesNotThrowAnyException();
  }

  @Test
  void logBeyondTheSwitch_isRefused() {
    assertThatThrownBy(() -> HISTORY.requireContinues(1, lsn("0/3000150")))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("switchLsn=0/3000148")
        .hasMessageContaining("lsn=0/3000150");
  }

  @Test
  void logOfAnotherBranch_isRefused() {
    assertThatThrownBy(() -> HISTORY.requireContinues(3, lsn("0/3000000")))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("topicTimeline=3");
  }

  @Test
  void text_thatIsNoHistory_isRefused() {
    assertThatThrownBy(() -> TimelineHistory.parse(2, "one\ttwo\tthree"))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("line=one");
  }

  /** A restore that was to follow timeline 2 and stopped before that began. */
  @Test
  void switchBeforeAnEarlierOne_endsTheAncestor() {
    TimelineHistory history =
        TimelineHistory.parse(3, "1\t0/5000000\tno reason\n2\t0/4000000\tbefore 2000-01-01\n");
    assertThat(history.at(lsn("0/3FFFFFF"))).isEqualTo(1);
    assertThat(history.at(lsn("0/4000000"))).isEqualTo(3);
    assertThat(history.at(lsn("0/6000000"))).isEqualTo(3);
    assertThat(history.endOf(1)).isEqualTo(lsn("0/4000000"));
    assertThatThrownBy(() -> history.requireContinues(1, lsn("0/4800000")))
        .hasMessageContaining("switchLsn=0/4000000");
    assertThatThrownBy(() -> history.requireContinues(2, lsn("0/5800000")))
        .hasMessageContaining("switchLsn=0/4000000");
  }

  @Test
  void numbers_ascend() {
    for (String text : new String[] {"1\t0/1\n1\t0/2", "2\t0/1\n1\t0/2", "3\t0/1", "0\t0/1"}) {
      assertThatThrownBy(() -> TimelineHistory.parse(3, text))
          .isInstanceOf(ProduceException.class)
          .hasMessageContaining("ascend");
    }
  }

  @Test
  void numbers_areUnsigned() {
    TimelineHistory history =
        TimelineHistory.parse(0xFFFFFFFF, "4294967294\t80000000/148\tno reason\n");
    assertThat(history.at(lsn("7FFFFFFF/FFFFFFFF"))).isEqualTo(0xFFFFFFFE);
    assertThat(history.at(lsn("80000000/148"))).isEqualTo(0xFFFFFFFF);
    assertThat(history).hasToString("4294967294..80000000/148,4294967295..");
    assertThatThrownBy(() -> history.requireContinues(0xFFFFFFFE, lsn("FFFFFFFF/0")))
        .hasMessageContaining("timeline=4294967294");
  }
}
