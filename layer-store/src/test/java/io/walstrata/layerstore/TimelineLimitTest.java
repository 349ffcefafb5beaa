package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.internal.timeline.Timelines;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.TooManyTimelinesException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many timelines a store takes, whatever they come by, and what they take. */
class TimelineLimitTest {
  private static final int MAX = 3;
  private static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 7);

  @TempDir Path directory;
  private final MemoryHome home = new MemoryHome();
  private final StoreResources resources = StoreResources.create(StoreResources.Bounds.of(1 << 20));
  private final MemoryBudget budget = resources.memoryBudget();

  private LayerStore open(int maxTimelines) throws IOException {
    return LayerStore.open(
        home, directory, LayerStoreOptions.DEFAULTS.withMaxTimelines(maxTimelines), resources);
  }

  private static TimelineId timeline(int number) {
    return new TimelineId(number, 9);
  }

  private static ValueBatch batch(int timeline, long lsn) {
    ValueBatch batch = new ValueBatch();
    batch.reset(timeline(timeline), new byte[10], 0, 10);
    batch.add(KEY, Lsn.of(lsn), 0, 10, ValueKind.IMAGE);
    return batch;
  }

  private static void checkRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(TooManyTimelinesException.class)
        .hasMessageContaining("timeline=" + timeline(9))
        .hasMessageContaining("maxTimelines=" + MAX);
  }

  private static void checkFull(LayerStore store, LayerWriter writer, long offset)
      throws IOException {
    Value value = Value.image(new byte[3]);
    checkRefused(() -> writer.put(offset, timeline(9), KEY, Lsn.of(5), value));
    checkRefused(() -> writer.putAll(offset, batch(9, 5)));
    checkRefused(() -> writer.tombstone(offset, timeline(9), KeyRange.of(KEY), Lsn.of(5)));
    checkRefused(() -> writer.progress(offset, timeline(9), Lsn.of(5)));
    assertThat(writer.refusedTimeline(Set.of(timeline(1), timeline(9)))).hasValue(timeline(9));
    assertThat(writer.refusedTimeline(Set.of(timeline(1), timeline(3)))).isEmpty();
    assertThat(store.hasTimeline(timeline(9))).isFalse();
    assertThat(store.timelines())
        .extracting(TimelineInfo::timeline)
        .containsExactly(timeline(1), timeline(2), timeline(3));
  }

  @Test
  void newTimeline_beyondTheLimit_isRefusedWhateverItComesBy_alsoAfterARestart() throws Exception {
    try (LayerStore store = open(MAX)) {
      LayerWriter writer = store.claim();
      writer.progress(0, timeline(1), Lsn.of(5));
      writer.tombstone(1, timeline(2), KeyRange.of(KEY), Lsn.of(5));
      assertThat(writer.refusedTimeline(Set.of(timeline(7), timeline(8)))).isPresent();
      assertThat(writer.refusedTimeline(Set.of(timeline(7)))).isEmpty();
      writer.putAll(2, batch(3, 5));
      checkFull(store, writer, 3);

      // A known timeline is still taken, and a batch with nothing in it is no timeline.
      writer.progress(4, timeline(1), Lsn.of(6));
      assertThat(writer.putAll(5, batch(2, 6)).added()).isEqualTo(1);
      ValueBatch empty = new ValueBatch();
      empty.reset(timeline(9), new byte[0], 0, 0);
      assertThat(writer.putAll(6, empty)).isEqualTo(new BatchResult(0, 0, List.of()));
      writer.freeze(6);
      writer.awaitFlushed();
      checkFull(store, writer, 7);
    }
    try (LayerStore store = open(MAX)) {
      LayerWriter writer = store.claim();
      checkFull(store, writer, 7);
      writer.putAll(8, batch(3, 6));
    }
    try (LayerStore store = open(1)) {
      LayerWriter writer = store.claim();
      assertThat(store.timelines()).hasSize(3); // those that exist stay
      assertThat(writer.refusedTimeline(Set.of(timeline(9)))).isPresent();
    }
  }

  @Test
  void timelines_areInTheMemoryBudget_withOpenLayersOrWithout_andLeaveItWithTheStore()
      throws Exception {
    try (LayerStore store = open(1000)) {
      LayerWriter writer = store.claim();
      for (int i = 0; i < 1000; i++) {
        writer.progress(i, timeline(i), Lsn.of(5));
      }
      assertThat(budget.keptBytes()).isEqualTo(1000L * Timelines.BYTES_EACH);
      assertThat(budget.heldBytes()).isEqualTo(budget.keptBytes());
      writer.putAll(1000, batch(1, 6));
      writer.freeze(1000);
      writer.awaitFlushed();
      assertThat(budget.keptBytes())
          .isEqualTo(1000L * Timelines.BYTES_EACH + Timelines.BYTES_PER_FILE);
    }
    assertThat(budget.heldBytes()).isZero();
    try (LayerStore store = open(1000)) {
      assertThat(budget.keptBytes())
          .isEqualTo(1000L * Timelines.BYTES_EACH + Timelines.BYTES_PER_FILE);
      store.claim();
      assertThat(budget.keptBytes())
          .isEqualTo(1000L * Timelines.BYTES_EACH + Timelines.BYTES_PER_FILE);
    }
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void openLayers_getLessOfTheBudget_whereTimelinesTakeOfIt() throws Exception {
    try (LayerStore store = open(3000)) {
      LayerWriter writer = store.claim();
      writer.onMemoryPressure(
          () -> {
            throw new AssertionError("an eighth is always left for open layers");
          });
      for (int i = 0; i < 3000; i++) {
        writer.progress(i, timeline(i), Lsn.of(5));
      }
      assertThat(budget.keptBytes()).isGreaterThan(budget.limitBytes());
      writer.settleMemory(); // waits for nothing, as nothing is being written
      boolean[] asked = new boolean[1];
      writer.onMemoryPressure(() -> asked[0] = true);
      long offset = 3000;
      while (budget.openBytes() <= budget.limitBytes() / 8) {
        ValueBatch batch = new ValueBatch();
        batch.reset(timeline(1), new byte[100], 0, 100);
        for (int i = 0; i < 1000; i++) {
          long lsn = offset * 1000 + i;
          batch.add(PageKey.of(0, 1663, 5, 1, 0, lsn), Lsn.of(lsn), 0, 10, ValueKind.IMAGE);
        }
        writer.putAll(offset++, batch);
      }
      assertThat(budget.openBytes()).isLessThan(budget.limitBytes() / 2);
      writer.settleMemory();
      assertThat(asked[0]).isTrue();
    }
  }

  @Test
  void durableLsn_isWhatTheManifestHas_progressMarksIncluded() throws Exception {
    try (LayerStore store = open(MAX)) {
      LayerWriter writer = store.claim();
      writer.putAll(0, batch(1, 5));
      writer.progress(1, timeline(1), Lsn.of(50));
      writer.progress(1, timeline(2), Lsn.of(60));
      assertThat(store.timelines()).extracting(TimelineInfo::durableLsn).containsOnly(Lsn.INVALID);
      writer.freeze(1);
      writer.awaitFlushed();
      writer.progress(2, timeline(1), Lsn.of(70));
      checkDurable(store);
    }
    try (LayerStore store = open(MAX)) {
      checkDurable(store);
      assertThat(store.timelines())
          .extracting(TimelineInfo::lastLsn)
          .containsExactly(Lsn.of(50), Lsn.of(60));
    }
  }

  private static void checkDurable(LayerStore store) {
    assertThat(store.timelines())
        .extracting(TimelineInfo::durableLsn)
        .containsExactly(Lsn.of(50), Lsn.of(60));
  }

  @Test
  void aLimitBelowOne_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerStoreOptions.DEFAULTS.withMaxTimelines(0))
        .withMessageContaining("maxTimelines=0");
  }
}
