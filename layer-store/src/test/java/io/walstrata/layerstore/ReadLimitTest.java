package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a read takes is asked for before it is loaded, wherever it is. */
class ReadLimitTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 0);
  private static final int RECORDS = 60;
  private static final int BYTES = 50_000;

  @TempDir Path directory;

  private LayerStore open(Compression compression) throws Exception {
    return LayerStore.open(
        new LocalLayerHome(directory.resolve("home")),
        directory.resolve("ephemeral"),
        LayerStoreOptions.DEFAULTS.withCompression(compression));
  }

  /** Zeros: in a file they are a thousandth of what they are in memory. */
  private static void fill(LayerWriter writer, boolean isFrozenBetween) throws Exception {
    for (int n = 0; n < RECORDS; n++) {
      Value value = Value.walRecord(new byte[BYTES], /* willInit= */ n == 0);
      writer.put(n, TIMELINE, KEY, Lsn.of(n + 1), value);
      if (isFrozenBetween && n % 20 == 19) {
        writer.freeze(n);
        writer.awaitFlushed();
      }
    }
  }

  private static void check(LayerStore store) throws Exception {
    TakenBytes whole = new TakenBytes(Long.MAX_VALUE);
    ReconstructData page = store.get(TIMELINE, KEY, Lsn.of(RECORDS), whole);
    assertThat(page.records()).hasSize(RECORDS);
    assertThat(whole.bytes()).as("what the result holds").isEqualTo(TakenBytes.of(page));

    TakenBytes justEnough = new TakenBytes(whole.most());
    store.get(TIMELINE, KEY, null, justEnough);
    for (long limit : new long[] {0, 1000, whole.bytes() / 2, whole.most() - 1}) {
      TakenBytes less = new TakenBytes(limit);
      assertThatExceptionOfType(ReadLimitException.class)
          .as("limit=%d", limit)
          .isThrownBy(() -> store.get(TIMELINE, KEY, Lsn.of(RECORDS), less));
      assertThat(less.most()).isLessThanOrEqualTo(limit);
    }
    TakenBytes few = new TakenBytes(3 * (BYTES + 1000));
    assertThat(store.get(TIMELINE, KEY, Lsn.of(1), few).records()).hasSize(1);
  }

  @Test
  void openLayer_isReadWithinTheLimit() throws Exception {
    try (LayerStore store = open(Compression.NONE)) {
      fill(store.claim(), /* isFrozenBetween= */ false);
      check(store);
    }
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void files_areReadWithinTheLimit(Compression compression) throws Exception {
    try (LayerStore store = open(compression)) {
      fill(store.claim(), /* isFrozenBetween= */ true);
      check(store);
    }
  }

  @Test
  void tinyRecords_countWithWhatTheyAreKeptIn() throws Exception {
    try (LayerStore store = open(Compression.NONE)) {
      LayerWriter writer = store.claim();
      for (int n = 0; n < 20_000; n++) {
        Value value = Value.walRecord(new byte[] {1}, /* willInit= */ n == 0);
        writer.put(n, TIMELINE, KEY, Lsn.of(n + 1), value);
      }
      TakenBytes limit = new TakenBytes(1 << 20);
      assertThatExceptionOfType(ReadLimitException.class)
          .isThrownBy(() -> store.get(TIMELINE, KEY, null, limit));
    }
  }

  @Test
  void lists_takeTheirDescriptions() throws Exception {
    try (LayerStore store = open(Compression.NONE)) {
      fill(store.claim(), /* isFrozenBetween= */ true);
      TakenBytes none = new TakenBytes(600);
      assertThatExceptionOfType(ReadLimitException.class)
          .isThrownBy(() -> store.layers(TIMELINE, none));
      assertThat(store.timelines(none)).hasSize(1);
      assertThatExceptionOfType(ReadLimitException.class).isThrownBy(() -> store.timelines(none));
    }
  }

  @Test
  void firstAndLastLsn_comeWithTheAnswer() throws Exception {
    try (LayerStore store = open(Compression.NONE)) {
      LayerWriter writer = store.claim();
      writer.put(0, TIMELINE, KEY, Lsn.of(70), Value.image(new byte[] {1}));
      writer.put(1, TIMELINE, KEY.next(), Lsn.of(90), Value.image(new byte[] {1}));
      writer.freeze(1);
      writer.awaitFlushed();
      writer.progress(2, TIMELINE, Lsn.of(99));
      for (long asOf : new long[] {1, 69, 70, 89, 99}) {
        ReconstructData page = store.get(TIMELINE, KEY.next(), Lsn.of(asOf));
        assertThat(page.firstLsn()).isEqualTo(Lsn.of(70));
        assertThat(page.lastLsn()).isEqualTo(Lsn.of(99));
        assertThat(page.status())
            .isEqualTo(
                asOf < 90
                    ? ReconstructData.Status.BEFORE_HISTORY
                    : ReconstructData.Status.COMPLETE);
      }
      assertThat(store.timelines().get(0).firstLsn()).isEqualTo(Lsn.of(70));
    }
  }
}
