package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.ReconstructData.Status;
import io.walstrata.layerstore.home.HomeClaimedException;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnknownTimelineException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the door says it does, one claim per test. */
class LayerStoreTest {
  private static final TimelineId TIMELINE = new TimelineId(0x1122334455667788L, 0);
  private static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 7);
  private static final PageKey OTHER = PageKey.of(0, 1663, 5, 16384, 0, 8);

  @TempDir Path directory;
  private LayerStore store;
  private LayerWriter writer;

  @BeforeEach
  void openStore() throws IOException {
    store = reopened();
    writer = store.claim();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.checkInvariants();
    store.close();
  }

  private LayerStore reopened() throws IOException {
    return LayerStore.open(
        new LocalLayerHome(directory.resolve("home")),
        directory.resolve("ephemeral"),
        LayerStoreOptions.DEFAULTS);
  }

  private void restart() throws IOException {
    store.close();
    store = reopened();
    writer = store.claim();
  }

  private static Lsn lsn(long value) {
    return Lsn.of(value);
  }

  private static Value image(int fill) {
    return Value.image(new byte[] {(byte) fill, 1, 2});
  }

  private static Value delta(int fill) {
    return Value.walRecord(new byte[] {(byte) fill}, /* willInit= */ false);
  }

  private static Value init(int fill) {
    return Value.walRecord(new byte[] {(byte) fill}, /* willInit= */ true);
  }

  private PutResult put(long offset, PageKey key, long at, Value value) throws IOException {
    return writer.put(offset, TIMELINE, key, lsn(at), value);
  }

  private void freezeAndFlush(long offset) throws IOException, InterruptedException {
    writer.freeze(offset);
    writer.awaitFlushed();
  }

  private ReconstructData get(PageKey key, long asOf) throws IOException {
    return store.get(TIMELINE, key, lsn(asOf));
  }

  private List<String> filesInHome() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("home"))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> directory.resolve("home").relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void get_imageAndRecords_givesTheImageAndTheRecordsOldestFirst() throws IOException {
    put(0, KEY, 10, image(1));
    put(1, KEY, 20, delta(2));
    put(2, KEY, 30, delta(3));

    ReconstructData data = get(KEY, 30);

    assertThat(data.status()).isEqualTo(Status.COMPLETE);
    assertThat(data.base()).isEqualTo(new Version(lsn(10), image(1)));
    assertThat(data.records())
        .containsExactly(new Version(lsn(20), delta(2)), new Version(lsn(30), delta(3)));
    assertThat(get(KEY, 29).records()).containsExactly(new Version(lsn(20), delta(2)));
    assertThat(get(KEY, 9).status()).isEqualTo(Status.BEFORE_HISTORY);
  }

  @Test
  void get_willInitRecord_isTheFirstRecordAndThereIsNoImage() throws IOException {
    put(0, KEY, 10, image(1));
    put(1, KEY, 20, init(2));
    put(2, KEY, 30, delta(3));

    ReconstructData data = get(KEY, 30);

    assertThat(data.status()).isEqualTo(Status.COMPLETE);
    assertThat(data.base()).isNull();
    assertThat(data.records())
        .containsExactly(new Version(lsn(20), init(2)), new Version(lsn(30), delta(3)));
  }

  @Test
  void get_recordsWithoutBase_isIncomplete() throws IOException {
    put(0, KEY, 10, delta(1));

    assertThat(get(KEY, 10).status()).isEqualTo(Status.INCOMPLETE);
    assertThat(get(KEY, 10).records()).hasSize(1);
  }

  @Test
  void get_acrossOpenFrozenAndDelta_visitsNewestFirst() throws Exception {
    put(0, KEY, 10, image(1));
    freezeAndFlush(0);
    put(1, KEY, 20, delta(2));
    freezeAndFlush(1);
    put(2, KEY, 30, delta(3));

    ReconstructData data = get(KEY, 30);

    assertThat(data.base()).isEqualTo(new Version(lsn(10), image(1)));
    assertThat(data.records()).hasSize(2);
    assertThat(data.layersVisited())
        .extracting(VisitedLayer::state)
        .containsExactly(LayerDesc.State.OPEN, LayerDesc.State.DELTA, LayerDesc.State.DELTA);
  }

  @Test
  void get_keepsWhatTheLayersWereWhenTheyWereRead() throws Exception {
    put(0, KEY, 10, image(1));
    ReconstructData data = get(KEY, 10);
    VisitedLayer open = new VisitedLayer("open-000000000000000A", LayerDesc.State.OPEN);
    assertThat(data.layersVisited()).containsExactly(open);
    freezeAndFlush(0);
    assertThat(data.layersVisited()).containsExactly(open);
  }

  @Test
  void get_beyondTheLastLsn_saysSo() throws IOException {
    put(0, KEY, 10, image(1));

    assertThatThrownBy(() -> get(KEY, 11))
        .isInstanceOf(LsnNotReachedException.class)
        .hasMessageContaining("lastLsn=0/A");
    writer.progress(1, TIMELINE, lsn(11));
    assertThat(get(KEY, 11).status()).isEqualTo(Status.COMPLETE);
  }

  @Test
  void get_unknownTimeline_saysSo() {
    assertThatThrownBy(() -> store.get(new TimelineId(9, 9), KEY, lsn(1)))
        .isInstanceOf(UnknownTimelineException.class);
  }

  @Test
  void put_sameKeyAndLsnInOpenLayer_keepsTheFirstAndCounts() throws IOException {
    assertThat(put(0, KEY, 10, image(1))).isEqualTo(PutResult.ADDED);
    assertThat(put(1, KEY, 10, image(2))).isEqualTo(PutResult.DUPLICATE);

    assertThat(get(KEY, 10).base()).isEqualTo(new Version(lsn(10), image(1)));
    assertThat(store.layers(TIMELINE).get(0).versions()).isEqualTo(1);
    assertThat(writer.counters()).isEqualTo(new PutCounters(1, 1, 0));
  }

  @Test
  void put_sameKeyAndLsnAfterFreeze_keepsTheFirst() throws Exception {
    put(0, KEY, 10, image(1));
    freezeAndFlush(0);

    assertThat(put(1, KEY, 10, image(2))).isEqualTo(PutResult.DUPLICATE);
    assertThat(get(KEY, 10).base()).isEqualTo(new Version(lsn(10), image(1)));
  }

  @Test
  void put_lowerLsnThatNoLayerHas_isLate() throws IOException {
    put(0, KEY, 10, image(1));

    assertThat(put(1, OTHER, 9, image(2))).isEqualTo(PutResult.LATE);
    assertThat(put(2, KEY, 10, image(3))).isEqualTo(PutResult.DUPLICATE);
    assertThat(get(OTHER, 10).status()).isEqualTo(Status.BEFORE_HISTORY);
  }

  @Test
  void put_lastLsnAgainAcrossFreeze_isAdded() throws Exception {
    put(0, KEY, 10, image(1));
    freezeAndFlush(0);

    assertThat(put(1, OTHER, 10, image(2))).isEqualTo(PutResult.ADDED);
    assertThat(put(1, OTHER, 10, image(3))).isEqualTo(PutResult.DUPLICATE);
    freezeAndFlush(1);
    assertThat(get(KEY, 10).base()).isEqualTo(new Version(lsn(10), image(1)));
    assertThat(get(OTHER, 10).base()).isEqualTo(new Version(lsn(10), image(2)));
  }

  @Test
  void store_thatIsNotClaimed_makesNoHome() throws IOException {
    try (LayerStore unclaimed =
        LayerStore.open(
            new LocalLayerHome(directory.resolve("another")),
            directory.resolve("e2"),
            LayerStoreOptions.DEFAULTS)) {
      assertThat(unclaimed.timelines()).isEmpty();
    }
    assertThat(directory.resolve("another")).doesNotExist();
    assertThat(directory.resolve("e2")).doesNotExist();
  }

  @Test
  void put_badArguments_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> put(0, KEY, 0, image(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> put(0, KEY, -1, image(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> put(0, PageKey.MAX, 1, image(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> put(0, KEY, 1, Value.image(new byte[Value.MAX_BYTES + 1])))
        .withMessageContaining("value too long");
    assertThat(store.timelines()).isEmpty();
  }

  @Test
  void put_offsetGoesBack_isRefused() throws IOException {
    put(5, KEY, 10, image(1));

    assertThatIllegalStateException().isThrownBy(() -> put(4, KEY, 20, image(2)));
    assertThatIllegalArgumentException().isThrownBy(() -> writer.freeze(4));
    writer.freeze(5);
    assertThatIllegalStateException().isThrownBy(() -> put(5, KEY, 20, image(2)));
  }

  @Test
  void putBatch_reportsEachKindOfEntry() throws Exception {
    put(0, KEY, 10, image(1));
    freezeAndFlush(0);
    put(1, KEY, 20, image(1));
    byte[] raw = {0, 0, 11, 22, 33};
    ValueBatch batch = new ValueBatch();
    batch.reset(TIMELINE, raw, 2, 3);
    batch.add(OTHER, lsn(9), 0, 1, ValueKind.IMAGE);
    batch.add(KEY, lsn(10), 0, 1, ValueKind.IMAGE);
    batch.add(KEY, lsn(20), 1, 1, ValueKind.IMAGE);
    batch.add(KEY, lsn(30), 2, 1, ValueKind.WAL_RECORD);
    batch.add(KEY, lsn(30), 1, 2, ValueKind.WAL_RECORD);

    BatchResult result = writer.putAll(2, batch);

    assertThat(result).isEqualTo(new BatchResult(1, 3, List.of(0)));
    assertThat(get(KEY, 20).base()).isEqualTo(new Version(lsn(20), image(1)));
    assertThat(get(KEY, 30).records())
        .containsExactly(
            new Version(lsn(30), Value.walRecord(new byte[] {33}, /* willInit= */ false)));
    assertThat(get(KEY, 10).base()).isEqualTo(new Version(lsn(10), image(1)));
  }

  @Test
  void drop_hidesVersionsUpToItsLsnAndNoneAbove() throws IOException {
    put(0, KEY, 10, image(1));
    put(1, KEY, 20, image(2));
    writer.tombstone(2, TIMELINE, KeyRange.of(KEY), lsn(20));
    put(3, KEY, 30, delta(3));
    put(4, KEY, 40, image(4));

    assertThat(get(KEY, 19).base()).isEqualTo(new Version(lsn(10), image(1)));
    assertThat(get(KEY, 20).status()).isEqualTo(Status.DROPPED);
    assertThat(get(KEY, 29).droppedAt()).isEqualTo(lsn(20));
    assertThat(get(KEY, 30).status()).isEqualTo(Status.INCOMPLETE);
    assertThat(get(KEY, 30).droppedAt()).isEqualTo(lsn(20));
    assertThat(get(KEY, 40).status()).isEqualTo(Status.COMPLETE);
    assertThat(get(KEY, 40).droppedAt()).isNull();
  }

  @Test
  void drop_inAnOlderLayerThanAVersionOfTheSameLsn_hidesIt() throws Exception {
    put(0, OTHER, 10, image(1));
    writer.tombstone(1, TIMELINE, KeyRange.of(KEY), lsn(20));
    freezeAndFlush(1);
    put(2, KEY, 20, image(2));
    put(3, KEY, 30, delta(3));

    assertThat(get(KEY, 20).status()).isEqualTo(Status.DROPPED);
    assertThat(get(KEY, 30).status()).isEqualTo(Status.INCOMPLETE);
    assertThat(get(KEY, 30).records()).containsExactly(new Version(lsn(30), delta(3)));
  }

  @Test
  void drop_ofANewerLayer_hidesOlderLayers() throws Exception {
    put(0, KEY, 10, image(1));
    freezeAndFlush(0);
    writer.tombstone(1, TIMELINE, KeyRange.ALL, lsn(20));
    freezeAndFlush(1);

    assertThat(get(KEY, 20).status()).isEqualTo(Status.DROPPED);
    assertThat(get(KEY, 19).status()).isEqualTo(Status.COMPLETE);
    assertThat(store.layers(TIMELINE).get(1).tombstones()).isEqualTo(1);
  }

  @Test
  void drop_twice_isADuplicate_andALowerOneIsLate() throws Exception {
    assertThat(writer.tombstone(0, TIMELINE, KeyRange.of(KEY), lsn(20))).isEqualTo(PutResult.ADDED);
    assertThat(writer.tombstone(1, TIMELINE, KeyRange.of(KEY), lsn(20)))
        .isEqualTo(PutResult.DUPLICATE);
    freezeAndFlush(1);
    assertThat(writer.tombstone(2, TIMELINE, KeyRange.of(KEY), lsn(20)))
        .isEqualTo(PutResult.DUPLICATE);
    assertThat(writer.tombstone(2, TIMELINE, KeyRange.of(KEY), lsn(19))).isEqualTo(PutResult.LATE);
  }

  @Test
  void freeze_movesTheDurableOffsetAndSurvivesARestart() throws Exception {
    assertThat(store.durableOffset()).isEmpty();
    put(3, KEY, 10, image(1));
    put(4, KEY, 20, delta(2));
    writer.progress(5, TIMELINE, lsn(25));
    freezeAndFlush(7);
    put(8, KEY, 30, delta(3));

    restart();

    assertThat(store.durableOffset()).isEqualTo(OptionalLong.of(7));
    assertThat(store.timelines()).hasSize(1);
    assertThat(store.timelines().get(0).lastLsn()).isEqualTo(lsn(25));
    assertThat(store.timelines().get(0).durableLsn()).isEqualTo(lsn(25));
    assertThat(get(KEY, 25).records()).containsExactly(new Version(lsn(20), delta(2)));
    LayerDesc layer = store.layers(TIMELINE).get(0);
    assertThat(layer.startOffset()).isEqualTo(3);
    assertThat(layer.endOffset()).isEqualTo(8);
    assertThat(layer.keyRange()).isEqualTo(KeyRange.of(KEY));
  }

  @Test
  void freeze_withNothingPut_movesTheDurableOffsetWithoutAFile() throws Exception {
    freezeAndFlush(41);
    freezeAndFlush(42);
    writer.progress(43, TIMELINE, lsn(5));
    freezeAndFlush(43);

    restart();

    assertThat(store.durableOffset()).isEqualTo(OptionalLong.of(43));
    assertThat(store.timelines().get(0).lastLsn()).isEqualTo(lsn(5));
    assertThat(filesInHome()).containsExactly("lock", "manifest");
  }

  @Test
  void awaitFlushed_deletesTheEphemeralFile() throws Exception {
    put(0, KEY, 10, image(1));
    try (Stream<Path> files = Files.list(directory.resolve("ephemeral"))) {
      assertThat(files).hasSize(1);
    }
    writer.freeze(0);
    assertThat(writer.awaitFlushed(Duration.ofSeconds(30))).isTrue();
    try (Stream<Path> files = Files.list(directory.resolve("ephemeral"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void claim_deletesWhatTheManifestDoesNotName() throws Exception {
    put(0, KEY, 10, image(1));
    freezeAndFlush(0);
    store.close();
    Path timeline = directory.resolve("home").resolve(TIMELINE.toString());
    Path layer = timeline.resolve(filesInHome().get(0).substring(33));
    String orphan =
        layer.getFileName().toString().replace("__0000000000000001.", "__0000000000000002.");
    Files.copy(layer, timeline.resolve(orphan));
    Files.writeString(timeline.resolve(orphan + ".temp"), "half");
    Files.writeString(timeline.resolve("notes.txt"), "an operator's");
    Files.writeString(directory.resolve("ephemeral/ephemeral-0000000000000000.values"), "old");

    store = reopened();
    assertThat(timeline.resolve(orphan)).exists();
    writer = store.claim();

    assertThat(timeline.resolve(orphan)).doesNotExist();
    assertThat(timeline.resolve(orphan + ".temp")).doesNotExist();
    assertThat(timeline.resolve("notes.txt")).exists();
    assertThat(layer).exists();
    assertThat(directory.resolve("ephemeral/ephemeral-0000000000000000.values")).doesNotExist();
  }

  @Test
  void claim_ofAHomeThatAnotherStoreHolds_isRefused() throws IOException {
    try (LayerStore second = reopened()) {
      assertThatThrownBy(second::claim)
          .isInstanceOf(HomeClaimedException.class)
          .hasMessageContaining(directory.resolve("home").toString())
          .hasMessageContaining("thread");
      store.close();
      LayerWriter secondWriter = second.claim();
      secondWriter.put(0, TIMELINE, KEY, lsn(1), image(1));
    }
  }

  @Test
  void close_makesEveryMethodRefuse() throws IOException {
    put(0, KEY, 10, image(1));
    store.close();
    store.close();

    assertThatIllegalStateException().isThrownBy(() -> get(KEY, 10));
    assertThatIllegalStateException().isThrownBy(() -> put(1, KEY, 20, image(1)));
    assertThatIllegalStateException().isThrownBy(() -> writer.freeze(1));
    assertThatIllegalStateException().isThrownBy(store::timelines);
  }

  @Test
  void dump_describesEveryLayerTombstoneAndVersion() throws Exception {
    put(0, KEY, 10, image(1));
    freezeAndFlush(0);
    writer.tombstone(1, TIMELINE, KeyRange.of(OTHER), lsn(20));
    put(2, KEY, 30, init(1));
    List<String> lines = new ArrayList<>();

    store.dump(TIMELINE, ValueDescriber.LENGTH, lines::add);

    assertThat(lines).hasSize(5);
    assertThat(lines.get(0)).startsWith("layer ").contains(".delta timeline=" + TIMELINE);
    assertThat(lines.get(1)).isEqualTo(KEY.describe() + " 0/A image, 3 bytes");
    assertThat(lines.get(2)).startsWith("layer open-0000000000000014 ");
    assertThat(lines.get(3)).isEqualTo("tombstone " + KeyRange.of(OTHER).describe() + " 0/14");
    assertThat(lines.get(4)).isEqualTo(KEY.describe() + " 0/1E wal record, will_init, 1 bytes");
  }

  private long digest(String name, List<Value> values, List<Integer> freezes) throws Exception {
    try (LayerStore other =
        LayerStore.open(
            new LocalLayerHome(directory.resolve(name)),
            directory.resolve(name + "-ephemeral"),
            LayerStoreOptions.DEFAULTS)) {
      LayerWriter otherWriter = other.claim();
      for (int i = 0; i < values.size(); i++) {
        otherWriter.put(i, TIMELINE, i % 2 == 0 ? KEY : OTHER, lsn(10 + i), values.get(i));
        if (i == 2) {
          otherWriter.tombstone(i, TIMELINE, KeyRange.of(KEY), lsn(10 + i));
        }
        if (freezes.contains(i)) {
          otherWriter.freeze(i);
        }
      }
      otherWriter.awaitFlushed();
      assertThat(other.layers(TIMELINE)).hasSize(freezes.size());
      return other.timelines().get(0).durableDigest();
    }
  }

  @Test
  void durableDigest_isThatOfTheContent_whereverLayersEnd() throws Exception {
    List<Value> values = List.of(image(0), delta(1), image(2), delta(3), init(4));
    long digest = digest("one", values, List.of(4));

    assertThat(digest("two", values, List.of(0, 1, 2, 3, 4))).isEqualTo(digest);
    assertThat(digest("three", values, List.of(2, 4))).isEqualTo(digest);
    List<Value> another = List.of(image(0), delta(1), image(2), init(3), init(4));
    assertThat(digest("four", another, List.of(2, 4))).isNotEqualTo(digest);
    assertThat(digest("five", values.subList(0, 4), List.of(3))).isNotEqualTo(digest);
  }
}
