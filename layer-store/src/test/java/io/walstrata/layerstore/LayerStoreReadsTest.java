package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.ReconstructData.Status;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.internal.format.DeltaLayerReader;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnknownTimelineException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of many pages and of histories, one claim per test. */
class LayerStoreReadsTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 0);
  private static final LsnRange ALL_LSNS = new LsnRange(Lsn.INVALID, Lsn.MAX);

  @TempDir Path directory;
  private final MemoryHome home = new MemoryHome();
  private LayerStore store;
  private LayerWriter writer;
  private long offset;

  @BeforeEach
  void openStore() throws IOException {
    store = LayerStore.open(home, directory, LayerStoreOptions.DEFAULTS);
    writer = store.claim();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.checkInvariants();
    store.close();
  }

  private static PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  private static KeyRange keys(int start, int end) {
    return new KeyRange(key(start), key(end));
  }

  private static Value image(int length) {
    return Value.image(new byte[length]);
  }

  private void put(int key, long lsn, Value value) throws IOException {
    writer.put(offset++, TIMELINE, key(key), Lsn.of(lsn), value);
  }

  private void drop(int start, int end, long lsn) throws IOException {
    writer.tombstone(offset++, TIMELINE, keys(start, end), Lsn.of(lsn));
  }

  private void flush() throws IOException, InterruptedException {
    writer.freeze(offset++);
    writer.awaitFlushed();
  }

  /** Returns how many blocks the only layer has. */
  private long blocks() throws IOException {
    try (LayerFileInput file = home.open(home.list().get(0))) {
      return DeltaLayerReader.readFooter(file).blocks();
    }
  }

  private record Read(List<ReconstructData> pages, ReadEnd<PageKey> end) {
    List<PageKey> keys() {
      return pages.stream().map(ReconstructData::key).toList();
    }

    List<Status> statuses() {
      return pages.stream().map(ReconstructData::status).toList();
    }
  }

  private Read scan(KeyRange range, long asOf, DroppedPages dropped, long limit)
      throws IOException {
    List<ReconstructData> pages = new ArrayList<>();
    return new Read(pages, store.scan(TIMELINE, range, Lsn.of(asOf), dropped, limit, pages::add));
  }

  private Read scan(long asOf) throws IOException {
    return scan(KeyRange.ALL, asOf, DroppedPages.SKIP, Long.MAX_VALUE);
  }

  private Read getAll(long asOf, Integer... numbers) throws IOException {
    List<PageKey> keys = List.of(numbers).stream().map(LayerStoreReadsTest::key).toList();
    List<ReconstructData> pages = new ArrayList<>();
    return new Read(pages, store.getAll(TIMELINE, keys, Lsn.of(asOf), pages::add));
  }

  private List<HistoryEntry> history(int key, LsnRange lsns) throws IOException {
    List<HistoryEntry> entries = new ArrayList<>();
    store.history(TIMELINE, key(key), lsns, Long.MAX_VALUE, entries::add);
    return entries;
  }

  private static HistoryEntry written(long lsn, Value value) {
    return new HistoryEntry(Lsn.of(lsn), value, /* isDropped= */ false);
  }

  private static HistoryEntry dropped(long lsn) {
    return new HistoryEntry(Lsn.of(lsn), null, /* isDropped= */ true);
  }

  /** Keys 1 to 6 with one version each: two in a delta layer, two frozen or delta, two open. */
  private void fillLayers() throws IOException, InterruptedException {
    put(5, 10, image(1));
    put(2, 11, image(2));
    flush();
    put(1, 20, image(3));
    put(6, 21, image(4));
    writer.freeze(offset++);
    put(4, 30, image(5));
    put(3, 31, image(6));
  }

  @Test
  void scan_acrossLayers_givesPagesInKeyOrder() throws Exception {
    fillLayers();

    Read all = scan(31);

    assertThat(all.keys()).containsExactly(key(1), key(2), key(3), key(4), key(5), key(6));
    assertThat(all.pages().get(4))
        .usingRecursiveComparison()
        .ignoringFields("cost", "layersVisited")
        .isEqualTo(store.get(TIMELINE, key(5), Lsn.of(31)));
    assertThat(all.end().count()).isEqualTo(6);
    assertThat(all.end().next()).isEmpty();
  }

  @Test
  void scan_ofARange_givesWhatIsInIt() throws Exception {
    fillLayers();
    assertThat(scan(keys(2, 5), 31, DroppedPages.SKIP, 99).keys())
        .containsExactly(key(2), key(3), key(4));
    assertThat(scan(keys(7, 9), 31, DroppedPages.SKIP, 99).pages()).isEmpty();
  }

  @Test
  void scan_skipsPagesThatWereWrittenLater() throws Exception {
    fillLayers();
    assertThat(scan(20).keys()).containsExactly(key(1), key(2), key(5));
    assertThat(scan(9).keys()).isEmpty();
    assertThat(store.scan(TIMELINE, KeyRange.ALL, Lsn.INVALID, DroppedPages.SHOW, 1, p -> true))
        .isEqualTo(new ReadEnd<>(0, Optional.empty(), ReadCost.NONE));
  }

  @Test
  void scan_withALimit_returnsWhereToResume() throws Exception {
    fillLayers();

    Read first = scan(keys(2, 9), 31, DroppedPages.SKIP, 2);
    assertThat(first.keys()).containsExactly(key(2), key(3));
    assertThat(first.end().next()).contains(key(4));

    KeyRange rest = new KeyRange(first.end().next().orElseThrow(), key(9));
    assertThat(scan(rest, 31, DroppedPages.SKIP, 99).keys())
        .containsExactly(key(4), key(5), key(6));
  }

  @Test
  void scan_thatReachesLimitAndEndOfRangeAtOnce_isDone() throws Exception {
    fillLayers();
    assertThat(scan(keys(2, 4), 31, DroppedPages.SKIP, 2).end().next()).isEmpty();
  }

  @Test
  void scan_endsWhenTheVisitorSaysSo() throws Exception {
    fillLayers();
    List<ReconstructData> pages = new ArrayList<>();
    ReadEnd<PageKey> end =
        store.scan(
            TIMELINE,
            KeyRange.ALL,
            Lsn.of(31),
            DroppedPages.SKIP,
            99,
            page -> pages.add(page) && pages.size() < 3);
    assertThat(pages).hasSize(3);
    assertThat(end.next()).contains(key(4));
  }

  @Test
  void scan_skipsDroppedPages_orShowsThoseThatWereWritten() throws Exception {
    fillLayers();
    drop(0, 5, 40);
    put(3, 41, image(9));

    assertThat(scan(41).keys()).containsExactly(key(3), key(5), key(6));
    Read shown = scan(KeyRange.ALL, 41, DroppedPages.SHOW, 99);
    assertThat(shown.keys()).hasSize(6).doesNotContain(key(0));
    assertThat(shown.statuses())
        .containsExactly(
            Status.DROPPED,
            Status.DROPPED,
            Status.COMPLETE,
            Status.DROPPED,
            Status.COMPLETE,
            Status.COMPLETE);
    assertThat(scan(40).keys()).containsExactly(key(5), key(6));
    assertThat(scan(39 - 8).keys()).hasSize(6);
  }

  @Test
  void scan_tombstoneInAnOlderLayerAtTheBoundaryLsn_hidesThePage() throws Exception {
    put(2, 5, image(1));
    drop(1, 2, 10);
    flush();
    put(1, 10, image(2));
    put(2, 10, image(3));

    assertThat(scan(10).keys()).containsExactly(key(2));
    assertThat(getAll(10, 1).statuses()).containsExactly(Status.DROPPED);
  }

  @Test
  void scan_tombstoneInANewerLayerWithoutThePage_hidesIt() throws Exception {
    put(1, 5, image(1));
    flush();
    drop(1, 2, 10);
    flush();
    put(2, 11, image(2));

    assertThat(scan(11).keys()).containsExactly(key(2));
    assertThat(scan(9).keys()).containsExactly(key(1));
  }

  @Test
  void scan_asksLayersThatHoldTombstonesOnly_forThoseOnly() throws Exception {
    put(1, 5, image(1));
    put(2, 5, image(2));
    flush();
    for (int lsn = 10; lsn < 20; lsn++) {
      drop(2, 3, lsn);
      flush();
    }
    scan(19); // opens the files
    Read read = scan(19);
    assertThat(read.keys()).containsExactly(key(1));
    assertThat(read.end().cost().layersAsked()).isEqualTo(1);
    assertThat(read.end().cost().fileReads()).isEqualTo(1);
  }

  @Test
  void scan_ofDroppedPages_readsNoValueOfThem() throws Exception {
    for (int lsn = 5; lsn < 10; lsn++) {
      put(1, lsn, image(100));
      put(2, lsn, image(100));
    }
    drop(0, 5, 10);
    put(2, 10, image(100));
    put(3, 11, image(7));

    Read shown = scan(KeyRange.ALL, 11, DroppedPages.SHOW, 99);
    assertThat(shown.statuses()).containsExactly(Status.DROPPED, Status.DROPPED, Status.COMPLETE);
    assertThat(shown.end().cost().memoryBytes()).isEqualTo(7);
    assertThat(scan(KeyRange.ALL, 10, DroppedPages.SHOW, 99).keys())
        .containsExactly(key(1), key(2));
    assertThat(scan(KeyRange.ALL, 4, DroppedPages.SHOW, 99).keys()).isEmpty();
  }

  @Test
  void scan_readsNoBlocksThatOnlyHoldDroppedPages_unlessTheyAreShown() throws Exception {
    for (int number = 0; number < 400; number++) {
      put(number, 5, image(8192));
    }
    flush();
    drop(10, 390, 6);
    flush();
    put(200, 7, image(3));
    Read read = scan(7);
    assertThat(read.keys()).hasSize(21).contains(key(9), key(200), key(390));
    assertThat(read.end().cost().blocksRead()).isLessThan(25);
    Read shown = scan(KeyRange.ALL, 7, DroppedPages.SHOW, 999);
    assertThat(shown.keys()).hasSize(400);
    assertThat(shown.end().cost().blocksRead()).isGreaterThan(100);
  }

  @Test
  void scan_acrossManyLayersWithTombstones_givesWhatGetGives() throws Exception {
    int layers = 300;
    for (int lsn = 1; lsn <= layers; lsn++) {
      put(lsn * 7 % 40, lsn, lsn % 3 == 0 ? Value.walRecord(new byte[9], false) : image(lsn));
      drop(lsn * 11 % 41, lsn * 11 % 41 + 1 + lsn % 5, lsn);
      writer.freeze(offset++);
    }
    for (long asOf : new long[] {3, layers / 2, layers}) {
      for (int limit : new int[] {1, 7, 99}) {
        List<PageKey> keys = new ArrayList<>();
        for (int number = 0; number < 50; number++) {
          Status status = store.get(TIMELINE, key(number), Lsn.of(asOf)).status();
          if (status != Status.BEFORE_HISTORY && status != Status.DROPPED) {
            keys.add(key(number));
          }
        }
        Read read = scan(KeyRange.ALL, asOf, DroppedPages.SKIP, limit);
        assertThat(read.keys()).isEqualTo(keys.subList(0, Math.min(limit, keys.size())));
        for (ReconstructData page : read.pages()) {
          assertThat(page)
              .usingRecursiveComparison()
              .ignoringFields("cost", "layersVisited")
              .isEqualTo(store.get(TIMELINE, page.key(), Lsn.of(asOf)));
        }
      }
    }
  }

  @Test
  void scan_opensNoLayerWhoseKeysLieAfterTheLimit() throws Exception {
    for (int number = 0; number < 5; number++) {
      put(number, 10 + number, image(10));
      flush();
    }
    Read first = scan(KeyRange.ALL, 14, DroppedPages.SKIP, 2);
    assertThat(first.end().cost().layersAsked()).isEqualTo(2);
    assertThat(first.end().cost().blocksRead()).isEqualTo(2);

    Read some = scan(keys(1, 3), 14, DroppedPages.SKIP, 99);
    assertThat(some.end().cost().layersAsked()).isEqualTo(2);
    assertThat(some.end().cost().layersSkipped()).isEqualTo(3);
  }

  @Test
  void scan_readsEachBlockOnce_andOfManyBlocksSeveralAtATime() throws Exception {
    for (int number = 0; number < 400; number++) {
      put(number, 10, image(8192));
    }
    flush();
    ReadCost cost = scan(10).end().cost();
    assertThat(cost.blocksRead()).isEqualTo(blocks()).isGreaterThan(100);
    assertThat(cost.fileReads()).isLessThan(blocks() / 10);
    assertThat(cost.fileBytes()).isLessThan(400 * 8192 * 11 / 10);
  }

  @Test
  void pages_costWhatTheReadCosts() throws Exception {
    fillLayers();
    drop(3, 4, 40);
    writer.awaitFlushed();
    Read all = scan(40);
    assertThat(all.pages().stream().mapToLong(page -> page.cost().blocksRead()).sum())
        .isEqualTo(all.end().cost().blocksRead());
    assertThat(all.pages().stream().mapToLong(page -> page.cost().memoryBytes()).sum())
        .isEqualTo(all.end().cost().memoryBytes())
        .isEqualTo(5);
  }

  @Test
  void getAll_givesEachPageOnce_inKeyOrder_absentAndDroppedOnesToo() throws Exception {
    fillLayers();
    drop(1, 3, 40);

    Read read = getAll(40, 5, 2, 9, 5, 3);

    assertThat(read.keys()).containsExactly(key(2), key(3), key(5), key(9));
    assertThat(read.statuses())
        .containsExactly(Status.DROPPED, Status.COMPLETE, Status.COMPLETE, Status.BEFORE_HISTORY);
    assertThat(read.end().count()).isEqualTo(4);
    assertThat(read.end().next()).isEmpty();
    assertThat(getAll(40).end().count()).isZero();
  }

  @Test
  void getAll_endsWhenTheVisitorSaysSo() throws Exception {
    fillLayers();
    ReadEnd<PageKey> end =
        store.getAll(TIMELINE, List.of(key(1), key(5), key(9)), Lsn.of(31), page -> false);
    assertThat(end.count()).isEqualTo(1);
    assertThat(end.next()).contains(key(5));
  }

  @Test
  void getAll_readsEachBlockOnce_andNeighboursTogether() throws Exception {
    for (int number = 0; number < 100; number++) {
      put(number, 10, image(5_000));
    }
    flush();
    Integer[] numbers = new Integer[100];
    for (int number = 0; number < 100; number++) {
      numbers[number] = number;
    }
    getAll(10, 1);
    ReadCost cost = getAll(10, numbers).end().cost();
    assertThat(cost.blocksRead()).isEqualTo(blocks()).isGreaterThan(10);
    assertThat(cost.fileReads()).isEqualTo(1);
    assertThat(cost.layersAsked()).isEqualTo(1);
  }

  @Test
  void get_saysWhatItCost() throws Exception {
    put(1, 10, image(100));
    put(9, 10, image(100));
    flush();
    put(7, 20, image(200));
    put(2, 20, Value.walRecord(new byte[30], /* willInit= */ false));
    writer.freeze(offset++);
    writer.awaitFlushed();
    put(2, 30, Value.walRecord(new byte[7], /* willInit= */ false));
    put(5, 30, image(1));

    store.get(TIMELINE, key(2), Lsn.of(30)); // opens the files
    ReadCost inAllLayers = store.get(TIMELINE, key(2), Lsn.of(30)).cost();
    assertThat(inAllLayers.layersAsked()).isEqualTo(3);
    assertThat(inAllLayers.memoryBytes()).isEqualTo(7);
    assertThat(inAllLayers.blocksRead()).isEqualTo(1);
    assertThat(inAllLayers.fileReads()).isEqualTo(1);
    assertThat(inAllLayers.filtersSaved()).isEqualTo(1);
    assertThat(inAllLayers.fileBytes()).isBetween(230L, 500L);

    assertThat(store.get(TIMELINE, key(8), Lsn.of(30)).cost())
        .isEqualTo(new ReadCost(1, 2, 1, 0, 0, 0, 0, 0, 0));
    assertThat(store.get(TIMELINE, key(5), Lsn.of(30)).cost())
        .isEqualTo(new ReadCost(1, 0, 0, 0, 0, 0, 1, 0, 0));
  }

  @Test
  void get_thatOpensAFile_countsThatToo() throws Exception {
    put(1, 10, image(100));
    flush();
    ReadCost first = store.get(TIMELINE, key(1), Lsn.of(10)).cost();
    ReadCost second = store.get(TIMELINE, key(1), Lsn.of(10)).cost();
    assertThat(first.fileReads()).isEqualTo(2);
    assertThat(second.fileReads()).isEqualTo(1);
    assertThat(first.fileBytes()).isGreaterThan(second.fileBytes());
  }

  @Test
  void history_acrossLayers_isNewestFirst_withWhatIsHiddenAndDropped() throws Exception {
    put(1, 10, image(1));
    put(1, 11, image(2));
    flush();
    drop(0, 5, 20);
    put(1, 21, image(3));
    writer.freeze(offset++);
    drop(0, 3, 30);

    assertThat(history(1, ALL_LSNS))
        .containsExactly(
            dropped(30),
            written(21, image(3)),
            dropped(20),
            written(11, image(2)),
            written(10, image(1)));
    assertThat(history(4, ALL_LSNS)).containsExactly(dropped(20));
    assertThat(history(9, ALL_LSNS)).isEmpty();
  }

  @Test
  void history_oneLsnInSeveralLayers_isOneEntry() throws Exception {
    put(1, 10, image(1));
    flush();
    drop(0, 5, 10);
    flush();
    drop(1, 2, 10);
    put(2, 10, image(2));

    HistoryEntry both = new HistoryEntry(Lsn.of(10), image(1), /* isDropped= */ true);
    assertThat(history(1, ALL_LSNS)).containsExactly(both);
    HistoryEntry newer = new HistoryEntry(Lsn.of(10), image(2), /* isDropped= */ true);
    assertThat(history(2, ALL_LSNS)).containsExactly(newer);
  }

  @Test
  void history_ofARange_givesWhatIsInIt() throws Exception {
    for (int lsn = 10; lsn < 20; lsn++) {
      put(1, lsn, image(lsn));
    }
    assertThat(history(1, new LsnRange(Lsn.of(12), Lsn.of(15))))
        .containsExactly(written(14, image(14)), written(13, image(13)), written(12, image(12)));
    assertThat(history(1, new LsnRange(Lsn.of(19), Lsn.MAX)))
        .containsExactly(written(19, image(19)));
    assertThat(history(1, new LsnRange(Lsn.of(25), Lsn.MAX))).isEmpty();
  }

  @Test
  void history_withALimit_returnsWhereToResume() throws Exception {
    for (int lsn = 10; lsn < 20; lsn++) {
      put(1, lsn, image(lsn));
      flush();
    }
    List<HistoryEntry> entries = new ArrayList<>();
    ReadEnd<Lsn> end = store.history(TIMELINE, key(1), ALL_LSNS, 3, entries::add);
    assertThat(entries).extracting(HistoryEntry::lsn).last().isEqualTo(Lsn.of(17));
    assertThat(end.next()).contains(Lsn.of(17));
    assertThat(end.cost().layersAsked()).isEqualTo(3);

    LsnRange rest = new LsnRange(Lsn.INVALID, end.next().orElseThrow());
    ReadEnd<Lsn> last = store.history(TIMELINE, key(1), rest, 7, entries::add);
    assertThat(entries).hasSize(10);
    assertThat(last.cost().layersAsked()).isEqualTo(7);
    assertThat(last.next()).isEmpty();
  }

  @Test
  void history_withALimit_readsNoMoreThanItReturns() throws Exception {
    put(1, 9, image(5_000));
    for (int lsn = 10; lsn < 20; lsn++) {
      drop(0, 5, lsn);
      put(1, lsn, image(100 + lsn));
    }
    List<HistoryEntry> entries = new ArrayList<>();
    ReadEnd<Lsn> end = store.history(TIMELINE, key(1), ALL_LSNS, 3, entries::add);
    assertThat(end.cost().memoryBytes()).isEqualTo(119 + 118 + 117);
    assertThat(entries).extracting(HistoryEntry::isDropped).containsExactly(true, true, true);
    assertThat(end.next()).contains(Lsn.of(17));
  }

  @Test
  void history_ofManyDropsInOneLayer_givesEach() throws Exception {
    put(1, 1, image(1));
    for (int lsn = 2; lsn < 500; lsn++) {
      drop(lsn % 2, 5, lsn);
    }
    for (int round = 0; round < 2; round++) {
      List<HistoryEntry> entries = history(1, ALL_LSNS);
      assertThat(entries).hasSize(499).startsWith(dropped(499), dropped(498));
      assertThat(history(0, new LsnRange(Lsn.of(100), Lsn.of(105))))
          .containsExactly(dropped(104), dropped(102), dropped(100));
      flush();
    }
  }

  @Test
  void reads_beyondTheLastLsn_sayso() throws Exception {
    put(1, 10, image(1));
    assertThatThrownBy(() -> scan(11)).isInstanceOf(LsnNotReachedException.class);
    assertThatThrownBy(() -> getAll(11, 1)).isInstanceOf(LsnNotReachedException.class);
    assertThatThrownBy(() -> history(1, new LsnRange(Lsn.INVALID, Lsn.of(12))))
        .isInstanceOf(LsnNotReachedException.class);
    assertThat(history(1, new LsnRange(Lsn.INVALID, Lsn.of(11)))).hasSize(1);
  }

  @Test
  void reads_ofAnUnknownTimeline_saySo() {
    TimelineId unknown = new TimelineId(9, 9);
    assertThatThrownBy(
            () -> store.scan(unknown, KeyRange.ALL, Lsn.of(1), DroppedPages.SKIP, 1, page -> true))
        .isInstanceOf(UnknownTimelineException.class);
    assertThatThrownBy(() -> store.getAll(unknown, List.of(key(1)), Lsn.of(1), page -> true))
        .isInstanceOf(UnknownTimelineException.class);
    assertThatThrownBy(() -> store.history(unknown, key(1), ALL_LSNS, 1, entry -> true))
        .isInstanceOf(UnknownTimelineException.class);
  }

  @Test
  void limit_belowOne_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scan(KeyRange.ALL, 1, DroppedPages.SKIP, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.history(TIMELINE, key(1), ALL_LSNS, -1, entry -> true));
  }

  @Test
  void indexesInMemory_areCounted_andBounded() throws Exception {
    int layers = 40;
    for (int lsn = 1; lsn <= layers; lsn++) {
      put(1, lsn, image(lsn));
      flush();
    }
    store.close();
    long bound = 20_000;
    StoreResources small =
        StoreResources.create(StoreResources.Bounds.of(1 << 20).withLayerCacheBytes(bound));
    MemoryBudget budget = small.memoryBudget();
    store = LayerStore.open(home, directory, LayerStoreOptions.DEFAULTS, small);
    assertThat(budget.cachedBytes()).isZero();
    long most = 0;
    for (int lsn = 1; lsn <= layers; lsn++) {
      assertThat(store.get(TIMELINE, key(1), Lsn.of(lsn)).base().value()).isEqualTo(image(lsn));
      most = Math.max(most, budget.cachedBytes());
      assertThat(budget.heldBytes()).isEqualTo(budget.keptBytes() + budget.cachedBytes());
    }
    assertThat(most).isBetween(bound / 2, bound);
    store.close();
    assertThat(budget.cachedBytes()).isZero();
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void files_thatAreOpen_areBounded_withManyReadersToo() throws Exception {
    int layers = 12;
    for (int lsn = 1; lsn <= layers; lsn++) {
      put(1, lsn, Value.walRecord(new byte[100], /* willInit= */ false));
      put(2, lsn, image(lsn));
      flush();
    }
    store.close();
    StoreResources few = StoreResources.create(StoreResources.Bounds.DEFAULTS.withMaxOpenFiles(2));
    store = LayerStore.open(home, directory, LayerStoreOptions.DEFAULTS, few);
    assertThat(home.open()).isZero();
    home.mostOpen();
    AtomicInteger wrong = new AtomicInteger();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      readers.add(new Thread(() -> readAgainAndAgain(layers, wrong)));
    }
    readers.forEach(Thread::start);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(wrong.get()).isZero();
    assertThat(home.mostOpen()).isLessThanOrEqualTo(2 + 2 * 3);
    assertThat(home.open()).isEqualTo(2);
    store.close();
    assertThat(home.open()).isZero();
  }

  private void readAgainAndAgain(int layers, AtomicInteger wrong) {
    try {
      for (int i = 0; i < 300; i++) {
        long lsn = 1 + i % layers;
        boolean isRight =
            store.get(TIMELINE, key(1), Lsn.of(lsn)).records().size() == lsn
                && history(1, ALL_LSNS).size() == layers
                && new Version(Lsn.of(lsn), image((int) lsn))
                    .equals(scan(lsn).pages().get(1).base());
        if (!isRight) {
          wrong.incrementAndGet();
        }
      }
    } catch (IOException | RuntimeException e) {
      wrong.incrementAndGet();
    }
  }

  @Test
  void visitor_thatFails_endsTheRead_andMayReadItself() throws Exception {
    fillLayers();
    assertThatThrownBy(
            () ->
                store.scan(
                    TIMELINE,
                    KeyRange.ALL,
                    Lsn.of(31),
                    DroppedPages.SKIP,
                    99,
                    page -> {
                      assertThat(scan(31).pages()).hasSize(6);
                      throw new IOException("client is gone");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("client is gone");
    writer.awaitFlushed();
    // What the read had acquired is released: the values of flushed layers are deleted.
    flush();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }
}
