package io.walstrata.layerstore.streams.internal;

import static io.walstrata.layerstore.streams.internal.StoreHarness.PARTITION;
import static io.walstrata.layerstore.streams.internal.TextWal.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.streams.HistoryGapException;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guard answers; that Kafka's clients ask it is shown with a broker. */
class TopicGuardTest {
  private static final TopicPartition NO_LAYERS = new TopicPartition(PARTITION.topic(), 7);

  @TempDir Path directory;
  private StateStoreOptions options;
  private TopicGuard guard;
  private final RunningStores running = new RunningStores();

  /** Layers cover offsets 0 to 3. */
  @BeforeEach
  void writeLayers() throws Exception {
    options = StoreHarness.options(directory.resolve("layers"), FreezePolicy.everyOffsets(2));
    TestLog log = new TestLog();
    for (int i = 0; i < 4; i++) {
      log.add(put(1, 7, 100 + i, "v" + i));
    }
    try (StoreHarness harness = new StoreHarness(options, directory.resolve("task"), running)) {
      harness.process(log.records()).flush();
    }
    guard = guard(options);
  }

  private TopicGuard guard(StateStoreOptions of) {
    return new TopicGuard(List.of(new TopicGuard.GuardedTopic(of, running)));
  }

  @Test
  void topicStartsWithinTheLayersOrRightAfter_resumesThere() {
    assertThat(guard.reposition(PARTITION, 2, 3, 100)).isEqualTo(3);
    assertThat(guard.reposition(PARTITION, 2, 4, 100)).isEqualTo(4);
    assertThatCode(() -> guard.checkBeginning(PARTITION, 4)).doesNotThrowAnyException();
    assertThatCode(() -> guard.checkBeginning(NO_LAYERS, 4)).doesNotThrowAnyException();
  }

  @Test
  void topicStartsLater_isAGap_withTheMissingOffsets() {
    for (long position : new long[] {2, 4}) {
      assertThatThrownBy(() -> guard.reposition(PARTITION, position, 9, 100))
          .isInstanceOf(HistoryGapException.class)
          .hasMessageContainingAll(
              "topic=" + PARTITION.topic(),
              "partition=0",
              "missingOffsets=4..8",
              "directory=" + options.home(0).location());
    }
    assertThatThrownBy(() -> guard.checkBeginning(PARTITION, 5))
        .isInstanceOf(HistoryGapException.class)
        .hasMessageContaining("missingOffsets=4..4");
  }

  @Test
  void withoutLayers_theGroupsOffsetSaysNothing_historyBeginsWhereTheTopicDoes() {
    assertThat(guard.reposition(NO_LAYERS, 6, 9, 100)).isEqualTo(9);
  }

  private StateStoreOptions another() {
    return StoreHarness.options(directory.resolve("another"), FreezePolicy.everyOffsets(100));
  }

  @Test
  void recordsThatAreOnlyInMemory_areMissing_whenTheTopicBeginsAfterThem() throws Exception {
    StateStoreOptions fresh = another();
    TopicGuard of = guard(fresh);
    try (StoreHarness harness = new StoreHarness(fresh, directory.resolve("task-2"), running)) {
      assertThat(of.reposition(PARTITION, 6, 9, 100)).isEqualTo(9);
      harness.process(new TestLog().add(put(1, 7, 100, "a")).records());
      assertThatThrownBy(() -> of.reposition(PARTITION, 1, 9, 100))
          .isInstanceOf(HistoryGapException.class)
          .hasMessageContaining("missingOffsets=0..8");
    }
  }

  @Test
  void newHistory_ofATopicThatEndsBelowTheGroupsOffset_continuesWithTheStore() throws Exception {
    StateStoreOptions fresh = another();
    TopicGuard of = guard(fresh);
    try (StoreHarness harness = new StoreHarness(fresh, directory.resolve("task-2"), running)) {
      assertThat(of.reposition(PARTITION, 50, 0, 1)).isEqualTo(0);
      harness.process(new TestLog().add(put(1, 7, 100, "a")).records());
      assertThat(of.reposition(PARTITION, 50, 0, 1)).isEqualTo(1);
      // But what this process has read itself is missing.
      assertThatThrownBy(() -> of.reposition(PARTITION, 1, 0, 0))
          .isInstanceOf(HistoryGapException.class)
          .hasMessageContaining("topicEndOffset=0");
    }
    assertThatThrownBy(() -> of.reposition(PARTITION, 50, 0, 1))
        .as("the home has an owner by now")
        .isInstanceOf(HistoryGapException.class);
  }

  @Test
  void topicEndsBelowThePosition_isRefused() {
    assertThatThrownBy(() -> guard.reposition(PARTITION, 12, 0, 10))
        .isInstanceOf(HistoryGapException.class)
        .hasMessageContainingAll("topicEndOffset=10", "neededOffset=12");
  }

  @Test
  void offsetThatIsThereAgain_isTriedAgain() {
    assertThat(guard.reposition(PARTITION, 10, 0, 10)).isEqualTo(10);
  }

  @Test
  void recordsThatOnlyThisProcessHas_areAWarning_untilTheyAreDurable() throws Exception {
    assertThat(guard.lookAhead(Map.of(PARTITION, 4L, NO_LAYERS, 9L))).isEmpty();
    assertThat(guard.lookAhead(Map.of(PARTITION, 5L)))
        .singleElement()
        .satisfies(
            warning -> assertThat(warning).contains("lastCoveredOffset=3", "topicStartOffset=5"));
    assertThat(guard.lookAhead(Map.of(PARTITION, 5L))).as("said once").isEmpty();
    assertThat(guard.warnings()).hasSize(1);
    try (StoreHarness harness = new StoreHarness(options, directory.resolve("task"), running)) {
      harness
          .process(
              new TestLog().hole(4).add(put(1, 7, 200, "e")).add(put(1, 7, 201, "f")).records())
          .flush();
    }
    assertThat(guard.lookAhead(Map.of(PARTITION, 5L))).isEmpty();
    assertThat(guard.warnings()).isEmpty();
  }

  @Test
  void otherTopics_areNotGuarded() {
    assertThat(guard.isGuarded(PARTITION)).isTrue();
    assertThat(guard.isGuarded(new TopicPartition("other", 0))).isFalse();
  }
}
