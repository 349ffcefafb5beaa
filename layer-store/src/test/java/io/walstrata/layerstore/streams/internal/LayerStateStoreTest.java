package io.walstrata.layerstore.streams.internal;

import static io.walstrata.layerstore.streams.internal.StoreHarness.PARTITION;
import static io.walstrata.layerstore.streams.internal.TextWal.page;
import static io.walstrata.layerstore.streams.internal.TextWal.put;
import static io.walstrata.layerstore.streams.internal.TextWal.timeline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReadLimitException;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.ImageRedo;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.streams.HistoryGapException;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import io.walstrata.layerstore.streams.LayersQuery;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.streams.StatusQuery;
import io.walstrata.layerstore.streams.TimelinesQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerStateStoreTest {
  private static final long UNKNOWN_OFFSET = -4;

  @TempDir Path directory;
  private final List<StoreHarness> opened = new ArrayList<>();

  private StoreHarness open(FreezePolicy policy) throws IOException {
    return open(StoreHarness.options(directory.resolve("layers"), policy));
  }

  private StoreHarness open(StateStoreOptions options) throws IOException {
    StoreHarness harness = new StoreHarness(options, directory.resolve("task"));
    opened.add(harness);
    return harness;
  }

  @AfterEach
  void closeAll() {
    opened.forEach(StoreHarness::close);
  }

  private static TestLog fourVersions() {
    return new TestLog()
        .add(put(1, 7, 100, "a"))
        .add(put(1, 7, 200, "b"))
        .add(put(1, 8, 300, "c"))
        .add(put(1, 7, 400, "d"));
  }

  private static PageQuery page7(long lsn) {
    return PageQuery.withKey(timeline(1), page(7)).asOf(Lsn.of(lsn));
  }

  private static String text(ReconstructData data) {
    return data.base() == null
        ? "none"
        : new String(data.base().value().bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void init_noRecord_leavesTheLayersHomeAlone() throws IOException {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    assertThat(harness.store.committedOffset(PARTITION)).isNull();
    harness.store.commit(Map.of(PARTITION, UNKNOWN_OFFSET));
    harness.close();
    assertThat(directory.resolve("layers")).doesNotExist();
  }

  @Test
  void init_layersExist_neitherLocksNorChangesThem() throws Exception {
    try (StoreHarness owner = open(FreezePolicy.everyOffsets(2))) {
      owner.process(fourVersions().records()).flush();
      Path manifest = Path.of(owner.options.home(0).location()).resolve("manifest");
      byte[] before = Files.readAllBytes(manifest);
      try (StoreHarness other = new StoreHarness(owner.options, directory.resolve("other"))) {
        assertThat(other.store.committedOffset(PARTITION)).isEqualTo(3L);
        assertThat(other.status().isClaimed()).isFalse();
        assertThat(text(other.read(page7(250)))).isEqualTo("b");
      }
      assertThat(manifest).hasBinaryContent(before);
      owner.process(new TestLog().hole(4).add(put(1, 7, 500, "e")).records());
    }
  }

  @Test
  void process_homeIsOwnedByAnother_failsWithThePlace() throws Exception {
    StoreHarness owner = open(FreezePolicy.everyOffsets(2));
    owner.process(fourVersions().from(0));
    StoreHarness other = new StoreHarness(owner.options, directory.resolve("other"));
    opened.add(other);
    assertThatThrownBy(() -> other.process(fourVersions().records()))
        .isInstanceOf(ProcessorStateException.class)
        .hasMessageContaining("topic=wal, partition=0, offset=0")
        .hasMessageContaining(Path.of(owner.options.home(0).location()).toString());
    assertThat(other.status().ingestFailure()).isPresent();
  }

  @Test
  void process_homeIsReleasedByItsOwner_continues() throws Exception {
    StoreHarness owner = open(FreezePolicy.everyOffsets(2));
    owner.process(fourVersions().records()).flush();
    try (StoreHarness other =
        new StoreHarness(
            owner.options.withClaimTimeout(Duration.ofMinutes(1)), directory.resolve("other"))) {
      TestLog more = new TestLog().hole(4).add(put(1, 7, 500, "e"));
      CompletableFuture<Void> waiting =
          CompletableFuture.runAsync(() -> other.process(more.records()));
      Thread.sleep(300);
      assertThat(waiting).isNotDone();
      owner.close();
      waiting.get(1, TimeUnit.MINUTES);
      assertThat(other.status().ingestedOffset()).hasValue(4);
      assertThat(text(other.read(page7(500)))).isEqualTo("e");
    }
  }

  @Test
  void process_homeIsNotGivenBackInTime_failsAndSaysHowLongItWaited() throws Exception {
    StoreHarness owner = open(FreezePolicy.everyOffsets(2));
    owner.process(fourVersions().from(0));
    try (StoreHarness other =
        new StoreHarness(
            owner.options.withClaimTimeout(Duration.ofMillis(250)), directory.resolve("other"))) {
      assertThatThrownBy(() -> other.process(fourVersions().records()))
          .isInstanceOf(ProcessorStateException.class)
          .hasMessageContainingAll("layers belong to another owner", "owner=", "waitedMs=");
    }
  }

  @Test
  void firstRecordAfterTheTopicsBeginning_isWhereHistoryBegins_alsoBeforeAnythingIsDurable()
      throws Exception {
    try (StoreHarness harness = open(FreezePolicy.everyOffsets(100))) {
      harness.process(new TestLog().hole(7).add(put(1, 7, 100, "a")).records());
      assertThat(harness.store.committedOffset(PARTITION)).isEqualTo(6L);
      assertThat(harness.status().durableOffset()).hasValue(6);
    }
    StoreHarness again = open(FreezePolicy.everyOffsets(100));
    assertThat(again.store.committedOffset(PARTITION)).isEqualTo(6L);
  }

  @Test
  void read_ofADamagedBlock_showsInTheStatus() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    Path layer;
    try (var files = Files.walk(Path.of(harness.options.home(0).location()))) {
      layer = files.filter(file -> file.toString().endsWith(".delta")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(layer);
    bytes[100] ^= 1;
    Files.write(layer, bytes);
    assertThat(harness.query(page7(layerLsn(layer))).getResult())
        .isInstanceOf(ReadAnswer.Failed.class);
    assertThat(harness.status().damages())
        .singleElement()
        .satisfies(
            damage ->
                assertThat(damage).contains("file=" + layer, "offset=", "expected=", "actual="));
    assertThat(harness.status().ingestFailure()).isEmpty();
  }

  /** Returns an LSN of which only this file has versions. */
  private static long layerLsn(Path layer) {
    return Long.parseLong(layer.getFileName().toString().split("__")[1].substring(0, 16), 16);
  }

  @Test
  void committedOffset_isTheDurableFreezePoint() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(3));
    TestLog log = fourVersions();
    harness.process(log.records().subList(0, 2));
    harness.store.commit(Map.of(PARTITION, 1L));
    assertThat(harness.store.committedOffset(PARTITION)).isNull();
    harness.process(log.records().subList(2, 4)).flush();
    assertThat(harness.store.committedOffset(PARTITION)).isEqualTo(2L);
    assertThat(harness.status().durableOffset()).hasValue(2);
    assertThat(harness.status().ingestedOffset()).hasValue(3);
  }

  @Test
  void committedOffset_otherTopic_isRefused() throws IOException {
    StoreHarness harness = open(FreezePolicy.everyOffsets(3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> harness.store.committedOffset(new TopicPartition("other-changelog", 0)))
        .withMessageContaining("other-changelog-0");
  }

  @Test
  void commit_unknownOffset_isIgnored() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    harness.store.commit(Map.of(PARTITION, UNKNOWN_OFFSET));
    assertThat(harness.store.committedOffset(PARTITION)).isEqualTo(3L);
  }

  @Test
  void commit_nothing_forgetsTheOffsetUntilOpenedAgain_andKeepsTheLayers() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    harness.store.commit(Map.of());
    assertThat(harness.store.committedOffset(PARTITION)).isNull();
    harness.close();
    harness.init();
    assertThat(harness.store.committedOffset(PARTITION)).isEqualTo(3L);
    assertThat(text(harness.read(page7(400)))).isEqualTo("d");
  }

  @Test
  void commit_nullOffset_forgetsToo() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    Map<TopicPartition, Long> offsets = new HashMap<>();
    offsets.put(PARTITION, null);
    harness.store.commit(offsets);
    assertThat(harness.store.committedOffset(PARTITION)).isNull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void commit_forgottenTwiceWithoutARecordBetween_startsAtTheBeginning(boolean sameObject)
      throws Exception {
    StoreHarness harness = openForgottenTwice(sameObject);
    assertThat(harness.store.committedOffset(PARTITION)).isNull();
    harness.restore(fourVersions().records());
    assertThat(harness.status().counters().get(IngestCounter.SKIPPED_RECORDS)).isEqualTo(4);
    harness.restore(new TestLog().hole(4).add(put(1, 7, 500, "e")).records());
    assertThat(text(harness.read(page7(500)))).isEqualTo("e");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void restore_topicBeginsAfterWhatLayersCover_isRefusedWithBothOffsets(boolean sameObject)
      throws Exception {
    StoreHarness harness = openForgottenTwice(sameObject);
    TestLog truncated = new TestLog().hole(9).add(put(1, 7, 900, "z"));
    assertThatThrownBy(() -> harness.restore(truncated.records()))
        .isInstanceOf(HistoryGapException.class)
        .hasMessageContaining("missingOffsets=4..8")
        .hasMessageContaining("topicStartOffset=9");
  }

  @Test
  void commit_forgottenTwiceWithARecordBetween_keepsTheOffset() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    forget(harness, true);
    harness.restore(new TestLog().hole(4).add(put(1, 7, 500, "e")).records());
    forget(harness, true);
    assertThat(harness.store.committedOffset(PARTITION)).isEqualTo(3L);
  }

  private StoreHarness openForgottenTwice(boolean sameObject) throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    forget(harness, sameObject);
    assertThat(harness.store.committedOffset(PARTITION)).isEqualTo(3L);
    forget(harness, sameObject);
    return harness;
  }

  private static void forget(StoreHarness harness, boolean sameObject) {
    harness.store.commit(Map.of());
    harness.store.commit(Map.of()); // once by the restoring thread, once when the task is suspended
    harness.close();
    if (sameObject) {
      harness.init();
    } else {
      harness.initAnother();
    }
  }

  @Test
  void close_nothingDurable_leavesAnEmptyTaskDirectory() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(100));
    harness.process(fourVersions().records());
    assertThat(harness.storeDirectory()).isNotEmptyDirectory();
    harness.close();
    assertThat(harness.context.stateDir()).isEmptyDirectory();
  }

  @Test
  void close_layersAreDurable_leavesAMarkerInTheTaskDirectory() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    harness.close();
    assertThat(harness.storeDirectory().resolve("layers"))
        .content()
        .contains(Path.of(harness.options.home(0).location()).toAbsolutePath().toString());
  }

  @Test
  void close_twice_isFine_andEndsTheDecoderOnce() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    int before = TextWal.CLOSED.get();
    harness.close();
    harness.close();
    assertThat(TextWal.CLOSED.get() - before).isEqualTo(1);
    assertThat(harness.store.isOpen()).isFalse();
  }

  @Test
  void close_releasesTheHome_andTheSameObjectOpensAgain() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(3));
    TestLog log = fourVersions();
    harness.process(log.records()).flush();
    harness.close();
    harness.init();
    assertThat(harness.status().ingestedOffset()).hasValue(2);
    harness.restore(log.from(3));
    assertThat(text(harness.read(page7(400)))).isEqualTo("d");
  }

  @Test
  void close_taskDirectoryWiped_layersAreStillThere() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    harness.close();
    Utils.delete(harness.context.stateDir());
    Files.createDirectories(harness.context.stateDir().toPath());
    harness.init();
    assertThat(harness.store.committedOffset(PARTITION)).isEqualTo(3L);
    assertThat(harness.storeDirectory().resolve("layers")).exists();
    assertThat(text(harness.read(page7(400)))).isEqualTo("d");
  }

  @Test
  void read_closed_isAnInvalidStore() throws IOException {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.close();
    assertThatThrownBy(harness.store::timelines)
        .isInstanceOf(InvalidStateStoreException.class)
        .hasMessageContaining("layers-wal");
    assertThat(harness.store.getPosition()).isEqualTo(Position.emptyPosition());
  }

  @Test
  void query_page_asOfEachLsn() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records());
    assertThat(text(harness.read(page7(100)))).isEqualTo("a");
    assertThat(text(harness.read(page7(199)))).isEqualTo("a");
    assertThat(text(harness.read(page7(200)))).isEqualTo("b");
    assertThat(text(harness.read(page7(400)))).isEqualTo("d");
    assertThat(harness.query(page7(99)).getResult())
        .isInstanceOfSatisfying(
            ReadAnswer.BeforeHistory.class,
            none -> assertThat(none.data().firstLsn()).isEqualTo(Lsn.of(100)));
    PageQuery last = PageQuery.withKey(timeline(1), page(7));
    assertThat(harness.read(last).asOf()).isEqualTo(Lsn.of(400));
  }

  @Test
  void queryWithRedo_returnsThePage_orWhyThereIsNone() throws Exception {
    StateStoreOptions options =
        StoreHarness.options(directory.resolve("layers"), FreezePolicy.everyOffsets(2));
    StoreHarness harness =
        open(options.withEngine(LayerStoreOptions.DEFAULTS.withRedo(new ImageRedo())));
    harness.process(fourVersions().records());
    PageRead read = harness.query(page7(250).withRedo()).getResult().orElseThrow();
    assertThat(read.result())
        .isInstanceOfSatisfying(
            RedoResult.Page.class, page -> assertThat(page.bytes()).asString().isEqualTo("b"));
    assertThat(harness.query(page7(99).withRedo()).getResult().orElseThrow().result())
        .isInstanceOfSatisfying(
            RedoResult.Refused.class,
            none -> assertThat(none.reason()).isEqualTo(RedoResult.Reason.BEFORE_HISTORY));
    assertThat(harness.query(page7(401).withRedo()).getResult())
        .isInstanceOf(ReadAnswer.NotReached.class);
    PageQuery unknown = PageQuery.withKey(timeline(2), page(7));
    assertThat(harness.query(unknown.withRedo()).getResult())
        .isInstanceOf(ReadAnswer.UnknownTimeline.class);
    ReadLimit none =
        new ReadLimit() {
          @Override
          public void take(long bytes) {
            throw new ReadLimitException("no room");
          }

          @Override
          public void giveBack(long bytes) {}
        };
    assertThat(harness.query(page7(250).within(none).withRedo()).getResult())
        .isInstanceOf(ReadAnswer.Failed.class);
  }

  @Test
  void queryWithRedo_ofAStoreWithout_fails() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records());
    QueryResult<ReadAnswer<PageRead>> result = harness.query(page7(250).withRedo());
    assertThat(result.isFailure()).isTrue();
    assertThat(result.getFailureReason()).isEqualTo(FailureReason.UNKNOWN_QUERY_TYPE);
    assertThat(result.getFailureMessage()).contains("no redo").contains("topic=wal");
  }

  @Test
  void query_lsnNotReached_isAnsweredWithTheLastLsn() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records());
    QueryResult<ReadAnswer<ReconstructData>> result = harness.query(page7(401));
    assertThat(result.getResult())
        .isEqualTo(new ReadAnswer.NotReached<>(timeline(1), Lsn.of(401), Lsn.of(400)));
    assertThat(result.getPosition()).isEqualTo(harness.store.getPosition());
    assertThatThrownBy(result.getResult()::orElseThrow)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("NotReached");
  }

  @Test
  void query_droppedPage_isAnsweredWithTheTombstone() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().add("drop 1 7 8 450").records());
    assertThat(harness.query(page7(450)).getResult())
        .isInstanceOfSatisfying(
            ReadAnswer.Dropped.class,
            none -> assertThat(none.data().droppedAt()).isEqualTo(Lsn.of(450)));
    assertThat(text(harness.read(page7(400)))).isEqualTo("d");
  }

  @Test
  void query_limitRefuses_isAnsweredWithItsException() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records());
    ReadLimitException refused = new ReadLimitException("no room");
    ReadLimit limit =
        new ReadLimit() {
          @Override
          public void take(long bytes) {
            throw refused;
          }

          @Override
          public void giveBack(long bytes) {}
        };
    assertThat(harness.query(page7(400).within(limit)).getResult())
        .isEqualTo(new ReadAnswer.Failed<>(refused));
    assertThat(harness.query(TimelinesQuery.all().within(limit)).getResult())
        .isEqualTo(new ReadAnswer.Failed<>(refused));
  }

  @Test
  void query_progressMark_makesALaterLsnReadable() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().add("progress 1 1000").records());
    assertThat(text(harness.read(page7(1000)))).isEqualTo("d");
  }

  @Test
  void query_unknownTimeline_isAnAnswerOfItsOwn() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records());
    for (Query<?> query :
        List.of(
            PageQuery.withKey(timeline(2), page(7)),
            PageQuery.withKey(timeline(2), page(7)).asOf(Lsn.of(1)),
            LayersQuery.ofTimeline(timeline(2)))) {
      QueryResult<?> result = harness.query(query);
      assertThat((Object) result.getResult())
          .isEqualTo(new ReadAnswer.UnknownTimeline<>(timeline(2)));
    }
  }

  @Test
  void query_timelinesAndLayers() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().add(put(9, 1, 50, "x")).records()).flush();
    assertThat(harness.read(TimelinesQuery.all()))
        .extracting(TimelineInfo::timeline)
        .containsExactly(timeline(1), timeline(9));
    assertThat(harness.read(LayersQuery.ofTimeline(timeline(1))))
        .extracting(LayerDesc::state)
        .containsExactly(LayerDesc.State.DELTA, LayerDesc.State.DELTA);
    assertThat(harness.read(LayersQuery.ofTimeline(timeline(9))))
        .extracting(LayerDesc::state)
        .containsExactly(LayerDesc.State.OPEN);
  }

  @Test
  void query_closed_isNotPresent() throws IOException {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.close();
    for (Query<?> query : List.of(page7(100), TimelinesQuery.all(), StatusQuery.instance())) {
      assertThat(harness.query(query).getFailureReason()).isEqualTo(FailureReason.NOT_PRESENT);
    }
  }

  @Test
  void query_foreignType_isUnknown() throws IOException {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    assertThat(harness.query(KeyQuery.withKey("x")).getFailureReason())
        .isEqualTo(FailureReason.UNKNOWN_QUERY_TYPE);
  }

  @Test
  void query_executionInfo_isGivenWhenAskedFor() throws IOException {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    QueryResult<ReadAnswer<List<TimelineInfo>>> result =
        harness.store.query(TimelinesQuery.all(), PositionBound.unbounded(), new QueryConfig(true));
    assertThat(result.getExecutionInfo()).hasSize(1);
  }

  @Test
  void query_boundIsHonoured() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    assertThat(harness.query(TimelinesQuery.all(), bound(0)).getFailureReason())
        .isEqualTo(FailureReason.NOT_UP_TO_BOUND);
    harness.process(fourVersions().records());
    QueryResult<ReadAnswer<List<TimelineInfo>>> reached =
        harness.query(TimelinesQuery.all(), bound(3));
    assertThat(reached.isSuccess()).isTrue();
    assertThat(reached.getPosition())
        .isEqualTo(Position.emptyPosition().withComponent("wal", 0, 3));
    assertThat(harness.query(TimelinesQuery.all(), bound(4)).getFailureReason())
        .isEqualTo(FailureReason.NOT_UP_TO_BOUND);
  }

  private static PositionBound bound(long offset) {
    return PositionBound.at(Position.emptyPosition().withComponent("wal", 0, offset));
  }

  @Test
  void query_boundOnAnotherPartition_doesNotMatter() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    PositionBound bound =
        PositionBound.at(Position.emptyPosition().withComponent("wal", 1, 1_000_000));
    assertThat(harness.query(TimelinesQuery.all(), bound).isSuccess()).isTrue();
  }

  @Test
  void position_afterOpening_isWhatDurableLayersCover() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(3));
    harness.process(fourVersions().records()).flush();
    harness.close();
    harness.init();
    assertThat(harness.store.getPosition())
        .isEqualTo(Position.emptyPosition().withComponent("wal", 0, 2));
    assertThat(harness.query(TimelinesQuery.all(), bound(2)).isSuccess()).isTrue();
  }

  @Test
  void position_badRecord_movesOn() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(3));
    harness.process(new TestLog().add("garbage").addWithoutKey("garbage").records());
    assertThat(harness.status().ingestedOffset()).isEqualTo(OptionalLong.of(1));
  }

  @Test
  void query_damagedLayer_isAnsweredWithTheFile() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    harness.close();
    String file = StoreHarness.layerFiles(harness.options).keySet().iterator().next();
    Path layer = Path.of(harness.options.home(0).location()).resolve(file);
    harness.init();
    byte[] bytes = Files.readAllBytes(layer);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= 0x55;
    }
    Files.write(layer, bytes);
    assertThat(harness.query(page7(150)).getResult())
        .isInstanceOfSatisfying(
            ReadAnswer.Failed.class,
            failed ->
                assertThat(failed.cause())
                    .isInstanceOf(CorruptLayerException.class)
                    .hasMessageContaining(layer.getFileName().toString()));
  }

  @Test
  void init_damagedManifest_isAProcessorStateExceptionWithThePlace() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records()).flush();
    harness.close();
    Path manifest = Path.of(harness.options.home(0).location()).resolve("manifest");
    byte[] bytes = Files.readAllBytes(manifest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(manifest, bytes);
    assertThatThrownBy(harness::init)
        .isInstanceOf(ProcessorStateException.class)
        .hasMessageContaining("topic=wal, partition=0")
        .hasMessageContaining("manifest");
    assertThat(harness.store.isOpen()).isFalse();
  }

  @Test
  void init_open_isRefused() throws IOException {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    assertThatThrownBy(harness::init).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void read_fromProcessor_readsLikeTheQuery() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().records());
    ReconstructData data = harness.store.get(timeline(1), page(8), Lsn.of(300));
    assertThat(data.base()).isEqualTo(new Version(Lsn.of(300), Value.image(TextWal.bytes("c"))));
    assertThat(harness.store.layers(timeline(1))).isNotEmpty();
  }

  @Test
  void metrics_followTheStore_andGoWithIt() throws Exception {
    StoreHarness harness = open(FreezePolicy.everyOffsets(2));
    harness.process(fourVersions().add("garbage").records()).flush();
    assertThat(metric(harness, "ingested-offset")).isEqualTo(4.0);
    assertThat(metric(harness, "durable-offset")).isEqualTo(3.0);
    assertThat(metric(harness, "bad-records-total")).isEqualTo(1.0);
    assertThat(metric(harness, "versions-total")).isEqualTo(4.0);
    assertThat(metric(harness, "freeze-points-total")).isEqualTo(2.0);
    assertThat(harness.context.metrics().metrics().keySet())
        .filteredOn(each -> each.group().equals(StoreMetrics.GROUP))
        .extracting(MetricName::name)
        .containsExactlyInAnyOrder(
            "durable-offset",
            "ingested-offset",
            "flush-failing",
            "ingest-waiting",
            "open-heap-bytes",
            "frozen-heap-bytes",
            "frozen-layers",
            "freezes-policy-total",
            "freezes-memory-total",
            "freezes-idle-total",
            "held-seconds-total",
            "records-total",
            "skipped-records-total",
            "bad-records-total",
            "late-records-total",
            "versions-total",
            "duplicates-total",
            "tombstones-total",
            "freeze-points-total");
    harness.close();
    assertThat(harness.context.metrics().metrics().keySet())
        .extracting(MetricName::group)
        .doesNotContain(StoreMetrics.GROUP);
  }

  private static Object metric(StoreHarness harness, String name) {
    return harness.context.metrics().metrics().entrySet().stream()
        .filter(
            entry ->
                entry.getKey().group().equals(StoreMetrics.GROUP)
                    && entry.getKey().name().equals(name))
        .map(entry -> entry.getValue().metricValue())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void status_whileARecordIsTakenIn_namesIt() throws Exception {
    List<LayerStoreStatus.InWork> seen = new ArrayList<>();
    AtomicReference<StoreHarness> current = new AtomicReference<>();
    StateStoreOptions options =
        StateStoreOptions.of(
                TestLog.TOPIC,
                LayerHomes.directory(directory.resolve("layers")),
                StoreResources.create(),
                () -> (record, sink) -> current.get().status().inWork().ifPresent(seen::add))
            .withClaimTimeout(Duration.ZERO);
    StoreHarness harness = open(options);
    current.set(harness);
    assertThat(harness.status().inWork()).isEmpty();

    harness.process(fourVersions().records());

    assertThat(seen).extracting(LayerStoreStatus.InWork::offset).containsExactly(0L, 1L, 2L, 3L);
    assertThat(seen).allSatisfy(work -> assertThat(work.nanos()).isNotNegative());
    assertThat(harness.status().inWork()).isEmpty();
  }
}
