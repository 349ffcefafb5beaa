package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ends of every range, in the open layer and from the file. */
class LayerStoreBoundsTest {
  private static final PageKey LAST_KEY = new PageKey(-1, -2);
  private static final Lsn LAST_LSN = Lsn.of(-2);
  private static final TimelineId TIMELINE = new TimelineId(-1, -1);

  @TempDir Path directory;
  private LayerStore store;
  private LayerWriter writer;

  @BeforeEach
  void openStore() throws IOException {
    store = open();
    writer = store.claim();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.checkInvariants();
    store.close();
  }

  private LayerStore open() throws IOException {
    return LayerStore.open(
        new LocalLayerHome(directory.resolve("home")),
        directory.resolve("ephemeral"),
        LayerStoreOptions.DEFAULTS.withWriteBufferBytes(4096));
  }

  private void reopenFromFiles(long offset) throws Exception {
    writer.freeze(offset);
    writer.awaitFlushed();
    store.close();
    store = open();
  }

  private Value imageAt(TimelineId timeline, PageKey key, Lsn asOf) throws IOException {
    Version base = store.get(timeline, key, asOf).base();
    return base == null ? Value.image(new byte[] {-1, -1}) : base.value();
  }

  @Test
  void keysAndLsnsAtBothEnds() throws Exception {
    Value first = Value.image(new byte[] {1});
    Value last = Value.image(new byte[] {2});
    writer.put(0, TIMELINE, PageKey.MIN, Lsn.of(1), first);
    writer.put(0, TIMELINE, LAST_KEY, Lsn.of(1), first);
    writer.put(1, TIMELINE, PageKey.MIN, LAST_LSN, last);
    writer.put(1, TIMELINE, LAST_KEY, LAST_LSN, last);

    for (int round = 0; round < 2; round++) {
      for (PageKey key : List.of(PageKey.MIN, LAST_KEY)) {
        assertThat(imageAt(TIMELINE, key, Lsn.of(1))).isEqualTo(first);
        assertThat(imageAt(TIMELINE, key, Lsn.of(-3))).isEqualTo(first);
        assertThat(imageAt(TIMELINE, key, LAST_LSN)).isEqualTo(last);
        assertThat(store.get(TIMELINE, key, Lsn.INVALID).status())
            .isEqualTo(ReconstructData.Status.BEFORE_HISTORY);
      }
      List<PageKey> keys = new ArrayList<>();
      ReadVisitor<ReconstructData> visitor = page -> keys.add(page.key());
      store.scan(TIMELINE, KeyRange.ALL, LAST_LSN, DroppedPages.SHOW, 2, visitor);
      assertThat(keys).containsExactly(PageKey.MIN, LAST_KEY);
      List<HistoryEntry> entries = new ArrayList<>();
      LsnRange all = new LsnRange(Lsn.INVALID, Lsn.MAX);
      assertThat(store.history(TIMELINE, LAST_KEY, all, 9, entries::add).next()).isEmpty();
      assertThat(entries).extracting(HistoryEntry::lsn).containsExactly(LAST_LSN, Lsn.of(1));
      assertThat(store.layers(TIMELINE).get(0).keyRange()).isEqualTo(KeyRange.ALL);
      if (round == 0) {
        reopenFromFiles(1);
      }
    }
  }

  @Test
  void offsetsAtBothEnds() throws Exception {
    writer.put(0, TIMELINE, PageKey.MIN, Lsn.of(1), Value.image(new byte[1]));
    writer.freeze(0);
    writer.put(Long.MAX_VALUE - 1, TIMELINE, PageKey.MIN, Lsn.of(2), Value.image(new byte[2]));
    reopenFromFiles(Long.MAX_VALUE - 1);

    assertThat(store.durableOffset()).hasValue(Long.MAX_VALUE - 1);
    assertThat(store.layers(TIMELINE)).hasSize(2);
  }

  @Test
  void emptyValues_alsoInABatch() throws Exception {
    writer.put(0, TIMELINE, PageKey.MIN, Lsn.of(1), Value.image(new byte[0]));
    ValueBatch batch = new ValueBatch();
    batch.reset(TIMELINE, new byte[0], 0, 0);
    batch.add(LAST_KEY, Lsn.of(2), 0, 0, ValueKind.IMAGE);
    assertThat(writer.putAll(1, batch).added()).isEqualTo(1);
    batch.reset(TIMELINE, new byte[0], 0, 0);
    assertThat(writer.putAll(1, batch)).isEqualTo(new BatchResult(0, 0, List.of()));

    for (int round = 0; round < 2; round++) {
      assertThat(imageAt(TIMELINE, PageKey.MIN, Lsn.of(2)).bytes()).isEmpty();
      assertThat(imageAt(TIMELINE, LAST_KEY, Lsn.of(2)).bytes()).isEmpty();
      if (round == 0) {
        reopenFromFiles(1);
      }
    }
  }

  @Test
  void theLongestValue() throws Exception {
    byte[] bytes = new byte[Value.MAX_BYTES];
    new Random(1).nextBytes(bytes);
    Value longest = Value.image(bytes);
    writer.put(0, TIMELINE, PageKey.MIN, Lsn.of(1), Value.image(new byte[1]));
    writer.put(0, TIMELINE, LAST_KEY, Lsn.of(1), longest);
    writer.put(0, TIMELINE, LAST_KEY, Lsn.of(2), Value.image(new byte[2]));

    assertThat(imageAt(TIMELINE, LAST_KEY, Lsn.of(1)).equals(longest)).isTrue();
    reopenFromFiles(0);
    assertThat(imageAt(TIMELINE, LAST_KEY, Lsn.of(1)).equals(longest)).isTrue();
    assertThat(imageAt(TIMELINE, LAST_KEY, Lsn.of(2)).bytes()).hasSize(2);
    assertThat(imageAt(TIMELINE, PageKey.MIN, Lsn.of(2)).bytes()).hasSize(1);
  }

  @Test
  void whatIsBeyondTheEnds_isRefused_andNothingOfItIsThere() throws Exception {
    Value one = Value.image(new byte[1]);
    Value tooLong = Value.image(new byte[Value.MAX_BYTES + 1]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.put(0, TIMELINE, PageKey.MIN, Lsn.of(1), tooLong))
        .withMessageContaining("length=67108865")
        .withMessageContaining("maxLength=67108864");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.put(0, TIMELINE, PageKey.MAX, Lsn.of(1), one))
        .withMessageContaining("reserved");
    for (Lsn lsn : List.of(Lsn.INVALID, Lsn.MAX)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.put(0, TIMELINE, PageKey.MIN, lsn, one))
          .withMessageContaining("lsn=" + lsn);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.tombstone(0, TIMELINE, KeyRange.ALL, lsn));
      assertThatIllegalArgumentException().isThrownBy(() -> writer.progress(0, TIMELINE, lsn));
    }
    assertThat(store.timelines()).isEmpty();
  }

  @Test
  void batchEntriesBeyondTheEnds_areRefused() throws Exception {
    ValueBatch batch = new ValueBatch();
    byte[] raw = new byte[Value.MAX_BYTES + 1];
    batch.reset(TIMELINE, raw, 0, raw.length);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batch.add(PageKey.MAX, Lsn.of(1), 0, 1, ValueKind.IMAGE));
    for (Lsn lsn : List.of(Lsn.INVALID, Lsn.MAX)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batch.add(PageKey.MIN, lsn, 0, 1, ValueKind.IMAGE));
    }
    batch.add(PageKey.MIN, Lsn.of(1), 0, raw.length, ValueKind.IMAGE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.putAll(0, batch))
        .withMessageContaining("length=67108865");
    assertThat(store.timelines()).isEmpty();

    batch.reset(TIMELINE, raw, 0, raw.length);
    batch.add(PageKey.MIN, Lsn.of(1), 1, Value.MAX_BYTES, ValueKind.IMAGE);
    assertThat(writer.putAll(0, batch).added()).isEqualTo(1);
    assertThat(imageAt(TIMELINE, PageKey.MIN, Lsn.of(1)).bytes()).hasSize(Value.MAX_BYTES);
  }

  @Test
  void oneKeyWithManyVersions() throws Exception {
    int versions = 20_000;
    for (int n = 1; n <= versions; n++) {
      Value value =
          n % 1000 == 1
              ? Value.image(new byte[] {(byte) n})
              : Value.walRecord(new byte[] {(byte) n}, /* willInit= */ false);
      writer.put(n, TIMELINE, PageKey.MIN, Lsn.of(n), value);
    }
    for (int round = 0; round < 2; round++) {
      assertThat(store.get(TIMELINE, PageKey.MIN, Lsn.of(1000)).records()).hasSize(999);
      assertThat(store.get(TIMELINE, PageKey.MIN, Lsn.of(1001)).records()).isEmpty();
      assertThat(store.get(TIMELINE, PageKey.MIN, Lsn.of(versions)).records()).hasSize(999);
      if (round == 0) {
        reopenFromFiles(versions);
      }
    }
  }

  @Test
  void manyTimelinesShareOneEphemeralFile() throws Exception {
    int timelines = 300;
    for (int n = 0; n < timelines; n++) {
      Value value = Value.image(new byte[] {(byte) n});
      writer.put(n, new TimelineId(n, -n), PageKey.MIN, Lsn.of(1), value);
    }
    assertThat(directory.resolve("ephemeral").toFile().list()).hasSize(1);
    reopenFromFiles(timelines);
    assertThat(store.timelines()).hasSize(timelines);
    for (int n = 0; n < timelines; n++) {
      assertThat(imageAt(new TimelineId(n, -n), PageKey.MIN, Lsn.of(1)).bytes())
          .containsExactly((byte) n);
    }
  }
}
