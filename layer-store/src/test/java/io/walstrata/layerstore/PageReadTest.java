package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.BytePatchRedo;
import io.walstrata.layerstore.redo.BytePatchRedo.Patch;
import io.walstrata.layerstore.redo.PageRedo;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of pages with a redo, and what they take from the cache. */
class PageReadTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 0);
  private static final PageKey OTHER = PageKey.of(0, 1663, 5, 16384, 0, 1);
  private static final int PAGE = 64;

  @TempDir Path directory;
  private final LayerHome home = new MemoryHome();
  private StoreResources resources;
  private LayerStore store;
  private LayerWriter writer;
  private long offset;

  @BeforeEach
  void open() throws Exception {
    open(new BytePatchRedo(PAGE), StoreResources.Bounds.DEFAULTS);
  }

  private void open(PageRedo redo, StoreResources.Bounds bounds) throws Exception {
    close();
    resources = StoreResources.create(bounds);
    store =
        LayerStore.open(
            home,
            directory.resolve("ephemeral"),
            LayerStoreOptions.DEFAULTS.withRedo(redo),
            resources);
    writer = store.claim();
    offset = store.durableOffset().orElse(-1) + 1;
  }

  @AfterEach
  void close() throws Exception {
    if (store != null) {
      store.close();
      resources.close();
      assertThat(resources.memoryBudget().heldBytes()).isZero();
    }
  }

  private void image(PageKey key, long lsn, int filled) throws IOException {
    writer.put(offset++, TIMELINE, key, Lsn.of(lsn), Value.image(filled(filled)));
  }

  private static byte[] filled(int value) {
    byte[] page = new byte[PAGE];
    Arrays.fill(page, (byte) value);
    return page;
  }

  private void patch(PageKey key, long lsn, int at, int value) throws IOException {
    patch(key, lsn, at, value, /* willInit= */ false);
  }

  private void patch(PageKey key, long lsn, int at, int value, boolean willInit)
      throws IOException {
    byte[] record = BytePatchRedo.record(new Patch(at, new byte[] {(byte) value}));
    writer.put(offset++, TIMELINE, key, Lsn.of(lsn), Value.walRecord(record, willInit));
  }

  private void freeze() throws Exception {
    writer.freeze(offset - 1);
    writer.awaitFlushed();
  }

  private PageRead read(PageKey key, long asOf) throws IOException {
    return store.page(TIMELINE, key, Lsn.of(asOf), ReadLimit.NONE);
  }

  private static byte[] bytes(PageRead read) {
    assertThat(read.result()).isInstanceOf(RedoResult.Page.class);
    return ((RedoResult.Page) read.result()).bytes();
  }

  private void checkPage(long asOf, int at, int value, boolean isFromCache) throws IOException {
    PageRead read = read(KEY, asOf);
    assertThat(bytes(read)[at]).isEqualTo((byte) value);
    assertThat(read.isFromCache()).isEqualTo(isFromCache);
  }

  @Test
  void pageIsMade_andTheReadStatesFromWhat() throws Exception {
    image(KEY, 10, 1);
    patch(KEY, 20, 3, 2);
    freeze();
    patch(KEY, 30, 4, 3);
    writer.progress(offset++, TIMELINE, Lsn.of(40));
    PageRead read = store.page(TIMELINE, KEY, null, ReadLimit.NONE);
    assertThat(bytes(read)).startsWith(1, 1, 1, 2, 3, 1);
    assertThat(read.asOf()).isEqualTo(Lsn.of(40)).isEqualTo(read.lastLsn());
    assertThat(read.firstLsn()).isEqualTo(Lsn.of(10));
    assertThat(read.baseLsn()).isEqualTo(Lsn.of(10));
    assertThat(read.newestLsn()).isEqualTo(Lsn.of(30));
    assertThat(read.recordsApplied()).isEqualTo(2);
    assertThat(read.droppedAt()).isNull();
    assertThat(read.isFromCache()).isFalse();
    assertThat(read.layersVisited()).hasSize(2);
    assertThat(read.cost().recordsReplayed()).isEqualTo(2);
    assertThat(read.cost().replayedBytes()).isEqualTo(2 * 9);
    assertThat(read.cost().layersAsked()).isEqualTo(2);

    PageRead again = read(KEY, 40);
    assertThat(bytes(again)).isEqualTo(bytes(read)).isNotSameAs(bytes(read));
    assertThat(again.isFromCache()).isTrue();
    assertThat(again.baseLsn()).isEqualTo(Lsn.of(30)).isEqualTo(again.newestLsn());
    assertThat(again.recordsApplied()).isZero();
    assertThat(again.layersVisited()).as("no layer below the page").hasSize(1);
    assertThat(again.cost().fileReads()).isZero();
  }

  @Test
  void readAfterTheCachedPage_replaysWhatIsAboveIt_andReadBelowDoesNotUseIt() throws Exception {
    patch(KEY, 10, 0, 1, /* willInit= */ true);
    patch(KEY, 20, 0, 2);
    patch(KEY, 30, 0, 3);
    checkPage(20, 0, 2, false);
    checkPage(30, 0, 3, true);
    checkPage(19, 0, 1, false);
    checkPage(20, 0, 2, false);
    checkPage(30, 0, 3, true);
    assertThat(read(KEY, 30).recordsApplied()).as("the older did not replace it").isZero();
    patch(KEY, 40, 0, 4);
    assertThat(read(KEY, 40).recordsApplied()).isEqualTo(1);
    image(KEY, 50, 9);
    checkPage(50, 0, 9, false);
  }

  @Test
  void versionAtTheLastLsn_afterTheRead_isInTheNextOne() throws Exception {
    image(KEY, 10, 1);
    writer.progress(offset++, TIMELINE, Lsn.of(20));
    checkPage(20, 0, 1, false);
    patch(KEY, 20, 0, 2);
    checkPage(20, 0, 2, true);
    patch(KEY, 20, 0, 7); // a duplicate
    checkPage(20, 0, 2, true);
  }

  @Test
  void tombstoneAtTheCachedPagesLsn_hidesIt() throws Exception {
    image(KEY, 10, 1);
    checkPage(10, 0, 1, false);
    writer.tombstone(offset++, TIMELINE, KeyRange.of(KEY), Lsn.of(10));
    PageRead read = read(KEY, 10);
    assertThat(read.result()).isInstanceOf(RedoResult.Absent.class);
    assertThat(read.droppedAt()).isEqualTo(Lsn.of(10));
    freeze();
    assertThat(read(KEY, 10).result()).isInstanceOf(RedoResult.Absent.class);
  }

  @Test
  void tombstoneAboveTheCachedPage_hidesIt_andOneBelowDoesNot() throws Exception {
    image(KEY, 10, 1);
    writer.tombstone(offset++, TIMELINE, KeyRange.of(KEY), Lsn.of(15));
    patch(KEY, 20, 0, 2, /* willInit= */ true);
    writer.progress(offset++, TIMELINE, Lsn.of(25));
    checkPage(25, 0, 2, false);
    checkPage(25, 0, 2, true);
    writer.tombstone(offset++, TIMELINE, KeyRange.of(KEY), Lsn.of(30));
    assertThat(read(KEY, 30).result()).isInstanceOf(RedoResult.Absent.class);
    checkPage(29, 0, 2, true);
    patch(KEY, 40, 1, 4);
    RedoResult.Refused refused = (RedoResult.Refused) read(KEY, 40).result();
    assertThat(refused.reason()).isEqualTo(RedoResult.Reason.MISSING_BASE);
    assertThat(refused.lsn()).isEqualTo(Lsn.of(40));
  }

  @Test
  void callerMayWriteToThePage() throws Exception {
    image(KEY, 10, 1);
    bytes(read(KEY, 10))[0] = 99;
    bytes(read(KEY, 10))[0] = 98;
    checkPage(10, 0, 1, true);
    open(
        request -> new RedoResult.Page(request.base().value().bytes(), 0, List.of()),
        StoreResources.Bounds.DEFAULTS);
    image(KEY, 10, 1);
    bytes(read(KEY, 10))[0] = 99;
    bytes(read(KEY, 10))[0] = 98;
    checkPage(10, 0, 1, true);
  }

  @Test
  void storeOpenedAgain_doesNotUsePagesOfTheStoreBefore() throws Exception {
    try (StoreResources shared = StoreResources.create()) {
      for (int content = 1; content <= 2; content++) {
        LayerStoreOptions options = LayerStoreOptions.DEFAULTS.withRedo(new BytePatchRedo(PAGE));
        Path ephemeral = directory.resolve("again");
        try (LayerStore one = LayerStore.open(new MemoryHome(), ephemeral, options, shared)) {
          one.claim().put(0, TIMELINE, KEY, Lsn.of(10), Value.image(filled(content)));
          for (boolean isFromCache : new boolean[] {false, true}) {
            PageRead read = one.page(TIMELINE, KEY, Lsn.of(10), ReadLimit.NONE);
            assertThat(bytes(read)[0]).isEqualTo((byte) content);
            assertThat(read.isFromCache()).isEqualTo(isFromCache);
          }
          assertThat(shared.memoryBudget().cachedBytes()).isPositive();
        }
        assertThat(shared.memoryBudget().cachedBytes()).isZero();
      }
    }
  }

  @Test
  void homeThatChangedBeforeTheClaim_isReadAgain() throws Exception {
    image(KEY, 10, 1);
    freeze();
    try (StoreResources shared = StoreResources.create();
        LayerStore reader =
            LayerStore.open(
                home,
                directory.resolve("reader"),
                LayerStoreOptions.DEFAULTS.withRedo(new BytePatchRedo(PAGE)),
                shared)) {
      reader.page(TIMELINE, KEY, null, ReadLimit.NONE);
      patch(KEY, 20, 0, 2);
      freeze();
      store.close();
      reader.claim();
      assertThat(shared.memoryBudget().cachedBytes()).isZero();
      PageRead read = reader.page(TIMELINE, KEY, null, ReadLimit.NONE);
      assertThat(bytes(read)[0]).isEqualTo((byte) 2);
      assertThat(read.isFromCache()).isFalse();
    }
  }

  @Test
  void cacheIsBounded_andCounted_andZeroSwitchesItOff() throws Exception {
    StoreResources.Bounds bounds = StoreResources.Bounds.DEFAULTS.withLayerCacheBytes(0);
    open(new BytePatchRedo(PAGE), bounds.withPageCacheBytes(4_000));
    for (int block = 0; block < 100; block++) {
      PageKey key = PageKey.of(0, 1663, 5, 16384, 0, block);
      image(key, 10, block);
      assertThat(bytes(read(key, 10))[0]).isEqualTo((byte) block);
    }
    assertThat(resources.memoryBudget().cachedBytes()).isBetween(2_000L, 4_000L);
    open(new BytePatchRedo(PAGE), bounds.withPageCacheBytes(0));
    image(KEY, 10, 1);
    checkPage(10, 0, 1, false);
    checkPage(10, 0, 1, false);
    assertThat(resources.memoryBudget().cachedBytes()).isZero();
    open(new BytePatchRedo(PAGE), bounds.withPageCacheBytes(PAGE));
    image(KEY, 10, 1);
    checkPage(10, 0, 1, false);
    checkPage(10, 0, 1, false);
  }

  @Test
  void manyPages_andAKeyRange_areReadAsEachPageIs() throws Exception {
    List<PageKey> keys = new ArrayList<>();
    for (int block = 0; block < 20; block++) {
      PageKey key = PageKey.of(0, 1663, 5, 16384, 0, block);
      keys.add(key);
      if (block != 7) {
        image(key, 10, block);
      }
      if (block % 5 == 0) {
        freeze();
      }
    }
    for (int block = 0; block < 20; block++) {
      if (block != 7) {
        patch(keys.get(block), 20, 1, block + 1);
      }
      if (block % 7 == 0) {
        freeze();
      }
    }
    writer.tombstone(offset++, TIMELINE, KeyRange.of(keys.get(3)), Lsn.of(30));
    List<PageRead> pages = new ArrayList<>();
    ReadEnd<PageKey> end =
        store.pages(TIMELINE, keys, Lsn.of(30), ReadLimit.NONE, page -> pages.add(page));
    assertThat(end.count()).isEqualTo(20);
    assertThat(end.cost().recordsReplayed()).isEqualTo(18);
    assertThat(pages.stream().mapToLong(page -> page.cost().fileBytes()).sum())
        .isEqualTo(end.cost().fileBytes());
    for (int block = 0; block < 20; block++) {
      PageRead page = pages.get(block);
      assertThat(page.key()).isEqualTo(keys.get(block));
      if (block == 7) {
        assertThat(((RedoResult.Refused) page.result()).reason())
            .isEqualTo(RedoResult.Reason.BEFORE_HISTORY);
      } else if (block == 3) {
        assertThat(page.result()).isInstanceOf(RedoResult.Absent.class);
      } else {
        assertThat(bytes(page)).startsWith(block, block + 1, block);
        assertThat(page.cost().recordsReplayed()).isEqualTo(1);
      }
    }
    List<PageRead> scanned = new ArrayList<>();
    ReadEnd<PageKey> rest =
        store.scanPages(
            TIMELINE,
            KeyRange.ALL,
            Lsn.of(30),
            DroppedPages.SKIP,
            10,
            ReadLimit.NONE,
            page -> scanned.add(page));
    assertThat(rest.next()).contains(keys.get(11).next());
    assertThat(rest.cost().recordsReplayed()).isZero();
    assertThat(scanned)
        .extracting(PageRead::key)
        .isEqualTo(
            keys.subList(0, 12).stream()
                .filter(key -> !key.equals(keys.get(3)) && !key.equals(keys.get(7)))
                .toList());
    assertThat(scanned).allMatch(PageRead::isFromCache);
  }

  @Test
  void redoIsAskedForAPageWithoutVersions() throws Exception {
    List<RedoRequest> asked = new ArrayList<>();
    open(
        request -> {
          asked.add(request);
          return new RedoResult.Page(new byte[PAGE], 0, List.of());
        },
        StoreResources.Bounds.DEFAULTS);
    image(OTHER, 10, 1);
    writer.tombstone(offset++, TIMELINE, KeyRange.of(OTHER), Lsn.of(20));
    PageRead unknown = read(KEY, 20);
    assertThat(bytes(unknown)).containsOnly(0);
    assertThat(unknown.newestLsn()).isNull();
    assertThat(unknown.baseLsn()).isNull();
    assertThat(bytes(read(OTHER, 20))).containsOnly(0);
    assertThat(asked).extracting(RedoRequest::droppedAt).containsExactly(null, Lsn.of(20));
    assertThat(asked).allMatch(request -> request.base() == null && request.records().isEmpty());
    assertThat(read(KEY, 20).isFromCache()).as("without a version there is no LSN").isFalse();
  }

  @Test
  void otherPages_areReadAtMostAtTheSameLsn_andTheirCostCounts() throws Exception {
    BytePatchRedo patches = new BytePatchRedo(PAGE);
    open(
        request ->
            request.key().equals(KEY)
                ? request.source().page(OTHER, Lsn.of(request.asOf().value() - 1))
                : patches.redo(request),
        StoreResources.Bounds.DEFAULTS);
    image(OTHER, 10, 1);
    patch(OTHER, 20, 0, 2);
    patch(KEY, 21, 0, 3, /* willInit= */ true);
    PageRead read = read(KEY, 21);
    assertThat(bytes(read)[0]).isEqualTo((byte) 2);
    assertThat(read.cost().recordsReplayed()).isEqualTo(2);
    assertThat(read.layersVisited()).hasSize(1);
    assertThat(read(KEY, 21).isFromCache()).isTrue();

    open(
        request -> request.source().page(OTHER, request.asOf().next()),
        StoreResources.Bounds.DEFAULTS);
    image(KEY, 30, 1);
    assertThatThrownBy(() -> read(KEY, 30))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("otherAsOf=0/1F", "asOf=0/1E");
  }

  @Test
  void versionsAndKeysOfOthers_areReadAsRedoNeedsThem() throws Exception {
    List<RedoRequest> versions = new ArrayList<>();
    List<PageKey> keys = new ArrayList<>();
    open(
        request -> {
          versions.add(request.source().versions(OTHER, request.asOf()));
          keys.add(request.source().firstKey(new KeyRange(KEY.next(), PageKey.MAX), Lsn.of(19)));
          keys.add(request.source().firstKey(new KeyRange(KEY.next(), PageKey.MAX), Lsn.of(20)));
          return new RedoResult.Page(new byte[PAGE], 0, List.of());
        },
        StoreResources.Bounds.DEFAULTS);
    image(OTHER, 10, 1);
    patch(OTHER, 11, 0, 2);
    PageKey last = PageKey.of(0, 1663, 5, 16384, 0, 9);
    image(last, 12, 1);
    writer.tombstone(offset++, TIMELINE, KeyRange.of(OTHER), Lsn.of(20));
    patch(OTHER, 21, 0, 2, /* willInit= */ true);
    TakenBytes limit = new TakenBytes(10_000);
    PageRead read = store.page(TIMELINE, KEY, null, limit);
    assertThat(versions.get(0).records()).extracting(Version::lsn).containsExactly(Lsn.of(21));
    assertThat(versions.get(0).base()).isNull();
    assertThat(keys).containsExactly(OTHER, last);
    assertThat(read.cost().layersAsked()).isEqualTo(3);
    assertThat(limit.bytes()).as("the page").isEqualTo(PAGE + ReadLimit.BYTES_PER_VERSION);
  }

  @Test
  void otherKeys_areCountedForEachPageByItself() throws Exception {
    BytePatchRedo patches = new BytePatchRedo(PAGE);
    open(
        request -> {
          for (int i = 0; i < 6_000; i++) {
            request.source().versions(OTHER, request.asOf());
          }
          return patches.redo(request);
        },
        StoreResources.Bounds.DEFAULTS);
    image(KEY, 10, 1);
    image(OTHER, 10, 1);
    List<PageRead> pages = new ArrayList<>();
    store.pages(TIMELINE, List.of(KEY, OTHER), Lsn.of(10), ReadLimit.NONE, pages::add);
    assertThat(pages).hasSize(2).allMatch(page -> bytes(page)[0] == 1);
  }

  @Test
  void tooManyOtherKeys_exceedTheReadsLimit() throws Exception {
    open(
        request -> {
          while (true) {
            request.source().versions(OTHER, request.asOf());
          }
        },
        StoreResources.Bounds.DEFAULTS);
    image(KEY, 10, 1);
    assertThatExceptionOfType(ReadLimitException.class)
        .isThrownBy(() -> read(KEY, 10))
        .withMessageContaining("maxKeys=10000");
  }

  @Test
  void pageMadeFromAnotherAtTheLastLsn_isNotCached() throws Exception {
    BytePatchRedo patches = new BytePatchRedo(PAGE);
    open(
        request ->
            request.key().equals(KEY)
                ? request.source().page(OTHER, request.records().get(0).lsn())
                : patches.redo(request),
        StoreResources.Bounds.DEFAULTS);
    image(OTHER, 10, 1);
    patch(KEY, 20, 0, 3, /* willInit= */ true);
    checkPage(20, 0, 1, false);
    patch(OTHER, 20, 0, 2); // of the same record
    checkPage(20, 0, 2, false);
    writer.progress(offset++, TIMELINE, Lsn.of(21));
    checkPage(20, 0, 2, false);
    assertThat(resources.memoryBudget().cachedBytes()).isPositive();
  }

  @Test
  void pageMadeFromOthersAboveItsNewestVersion_isNotCached() throws Exception {
    open(
        request -> {
          RedoRequest others = request.source().versions(OTHER, request.asOf());
          return new RedoResult.Page(filled(others.records().size()), 0, List.of());
        },
        StoreResources.Bounds.DEFAULTS);
    image(KEY, 10, 1);
    image(OTHER, 10, 1);
    patch(OTHER, 20, 0, 2);
    writer.progress(offset++, TIMELINE, Lsn.of(30));
    checkPage(25, 0, 1, false);
    checkPage(15, 0, 0, false);
    checkPage(10, 0, 0, false);
    checkPage(10, 0, 0, true);
  }

  @Test
  void pageWithAnAssumption_isNotCached() throws Exception {
    open(
        request -> new RedoResult.Page(filled(5), 0, List.of("no checksums")),
        StoreResources.Bounds.DEFAULTS);
    image(KEY, 10, 1);
    checkPage(10, 0, 5, false);
    checkPage(10, 0, 5, false);
  }

  @Test
  void pagesThatNeedEachOther_areRefused() throws Exception {
    int[] calls = new int[1];
    open(
        request -> {
          calls[0]++;
          return request.source().page(request.key().equals(KEY) ? OTHER : KEY, request.asOf());
        },
        StoreResources.Bounds.DEFAULTS);
    image(KEY, 10, 1);
    image(OTHER, 10, 1);
    RedoResult.Refused refused = (RedoResult.Refused) read(KEY, 10).result();
    assertThat(refused.detail()).contains("maxDepth=8");
    assertThat(calls[0]).isEqualTo(9);
  }

  @Test
  void pagesThatNeedManyOthersEach_areRefused() throws Exception {
    int[] calls = new int[1];
    open(
        request -> {
          calls[0]++;
          RedoResult last = new RedoResult.Absent("none");
          for (int i = 0; i < 20; i++) {
            last = request.source().page(OTHER, request.asOf());
          }
          return last;
        },
        StoreResources.Bounds.DEFAULTS);
    image(KEY, 10, 1);
    RedoResult.Refused refused = (RedoResult.Refused) read(KEY, 10).result();
    assertThat(refused.detail()).contains("maxKeys=10000");
    assertThat(calls[0]).isEqualTo(10_001);
  }

  @Test
  void withoutRedo_pageReadsThrow_andOthersDoNot() throws Exception {
    image(KEY, 10, 1);
    freeze();
    store.close();
    try (LayerStore plain =
        LayerStore.open(home, directory.resolve("plain"), LayerStoreOptions.DEFAULTS)) {
      assertThat(plain.get(TIMELINE, KEY, Lsn.of(10)).base()).isNotNull();
      for (var read :
          List.<ThrowingCallable>of(
              () -> plain.page(TIMELINE, KEY, null, ReadLimit.NONE),
              () -> plain.pages(TIMELINE, List.of(KEY), Lsn.of(1), ReadLimit.NONE, page -> true),
              () ->
                  plain.scanPages(
                      TIMELINE,
                      KeyRange.ALL,
                      Lsn.of(1),
                      DroppedPages.SHOW,
                      1,
                      ReadLimit.NONE,
                      page -> true))) {
        assertThatThrownBy(read)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("store was opened without redo");
      }
    }
  }

  @Test
  void lsnThatIsNotReached_andClosedStore_throw() throws Exception {
    image(KEY, 10, 1);
    assertThatExceptionOfType(LsnNotReachedException.class).isThrownBy(() -> read(KEY, 11));
    store.close();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> read(KEY, 10))
        .withMessageContaining("store is closed");
  }

  @Test
  void limit_isAskedForTheVersions_andKeepsThePageAlone() throws Exception {
    image(KEY, 10, 1);
    for (int lsn = 11; lsn < 511; lsn++) {
      patch(KEY, lsn, 0, lsn);
    }
    long chain = 500L * (9 + ReadLimit.BYTES_PER_VERSION);
    TakenBytes less = new TakenBytes(chain);
    assertThatExceptionOfType(ReadLimitException.class)
        .isThrownBy(() -> store.page(TIMELINE, KEY, null, less));
    TakenBytes enough = new TakenBytes(chain + 1_000);
    PageRead read = store.page(TIMELINE, KEY, null, enough);
    assertThat(read.cost().recordsReplayed()).isEqualTo(500);
    assertThat(enough.bytes()).isEqualTo(PAGE + ReadLimit.BYTES_PER_VERSION);

    open(new BytePatchRedo(PAGE), StoreResources.Bounds.DEFAULTS.withPageCacheBytes(0));
    List<PageKey> keys = new ArrayList<>();
    for (int block = 0; block < 50; block++) {
      keys.add(PageKey.of(0, 1663, 5, 16384, 0, block));
      image(keys.get(block), 1_000, 1);
    }
    for (PageKey key : keys) {
      patch(key, 1_001, 1, 2);
    }
    TakenBytes onePage = new TakenBytes(1_000);
    store.pages(TIMELINE, keys, Lsn.of(1_001), onePage, page -> bytes(page)[1] == 2);
    assertThat(onePage.bytes()).isZero();
    assertThat(onePage.most()).isPositive();
    ReadEnd<PageKey> end =
        store.scanPages(
            TIMELINE,
            KeyRange.ALL,
            Lsn.of(1_001),
            DroppedPages.SKIP,
            100,
            onePage,
            page -> bytes(page)[1] == 2);
    assertThat(end.count()).isEqualTo(50);
    assertThat(onePage.bytes()).isZero();
    assertThat(end.cost()).isNotEqualTo(ReadCost.NONE);
  }

  @Test
  void failureInAnotherPagesRead_isThatOfTheRead() throws Exception {
    open(
        request -> {
          throw new IOException("of another page");
        },
        StoreResources.Bounds.DEFAULTS);
    image(KEY, 10, 1);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> read(KEY, 10))
        .withMessage("of another page");
    assertThat(resources.memoryBudget().cachedBytes()).isZero();
  }
}
