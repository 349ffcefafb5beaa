package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.BytePatchRedo;
import io.walstrata.layerstore.redo.BytePatchRedo.Patch;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.layerstore.testkit.Model;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A random log of images, patches and tombstones, put into a store with redo that is reopened now
 * and then, and into a model that makes its pages itself. Reads come between the puts, so that they
 * find pages of all ages in the cache.
 */
final class PageModelRun implements AutoCloseable {
  private static final TimelineId TIMELINE = new TimelineId(7, 7);
  private static final int PAGE = 32;
  private static final List<PageKey> KEYS =
      List.of(
          PageKey.MIN,
          PageKey.of(0, 1663, 5, 16384, 0, 0),
          PageKey.of(0, 1663, 5, 16384, 0, 1),
          PageKey.of(0, 1663, 5, 16384, 0, 2),
          new PageKey(-1, -2));

  /** One operation on the store. */
  private interface Operation {
    void apply(LayerWriter writer, long offset) throws IOException;
  }

  private final Random random;
  private final LayerHome home;
  private final Path ephemeral;
  private final Model model = new Model();
  private final List<Operation> log = new ArrayList<>(); // the index is the offset
  private final Map<Lsn, Map<PageKey, Patch>> patches = new HashMap<>(); // without the damaged ones
  private StoreResources resources;
  private LayerStore store;
  private LayerWriter writer;
  private long comparisons;
  private long hits;

  PageModelRun(LayerHome home, Path ephemeral, long seed) throws IOException {
    this.random = new Random(seed);
    this.home = home;
    this.ephemeral = ephemeral;
    open();
  }

  private void open() throws IOException {
    StoreResources.Bounds bounds = StoreResources.Bounds.DEFAULTS;
    switch (random.nextInt(4)) {
      case 0 -> bounds = bounds.withPageCacheBytes(0);
      case 1 -> bounds = bounds.withPageCacheBytes(2 * 300); // two pages
      default -> {}
    }
    resources = StoreResources.create(bounds);
    store =
        LayerStore.open(
            home,
            ephemeral,
            LayerStoreOptions.DEFAULTS.withRedo(new BytePatchRedo(PAGE)),
            resources);
    writer = store.claim();
  }

  long comparisons() {
    return comparisons;
  }

  /** Returns how many pages were read that started from a cached one. */
  long hits() {
    return hits;
  }

  void run(int operations) throws Exception {
    for (int i = 0; i < operations; i++) {
      int dice = random.nextInt(100);
      if (dice < 55) {
        append(dice);
      } else if (dice < 60) {
        writer.freeze(log.size() - 1);
      } else if (dice < 62) {
        writer.awaitFlushed();
      } else if (dice < 63) {
        reopen();
      } else if (!model.lastLsn().equals(Lsn.INVALID)) {
        compare(dice);
      }
    }
  }

  private void append(int dice) throws IOException {
    Lsn lsn =
        Lsn.of(model.lastLsn().value() + (dice < 20 || log.isEmpty() ? 1 : random.nextInt(2)));
    Operation operation;
    if (dice < 45) {
      PageKey key = key();
      Value value = value(key, lsn);
      model.put(key, lsn, value);
      operation = (to, offset) -> to.put(offset, TIMELINE, key, lsn, value);
    } else if (dice < 51) {
      KeyRange keys = keyRange();
      model.tombstone(keys, lsn);
      operation = (to, offset) -> to.tombstone(offset, TIMELINE, keys, lsn);
    } else {
      model.progress(lsn);
      operation = (to, offset) -> to.progress(offset, TIMELINE, lsn);
    }
    operation.apply(writer, log.size());
    log.add(operation);
  }

  private Value value(PageKey key, Lsn lsn) {
    int dice = random.nextInt(20);
    if (dice < 3) {
      byte[] page = new byte[PAGE];
      random.nextBytes(page);
      return Value.image(page);
    }
    byte[] bytes = new byte[random.nextInt(PAGE)];
    random.nextBytes(bytes);
    Patch patch = new Patch(random.nextInt(PAGE - bytes.length + 1), bytes);
    if (dice == 3) {
      return Value.walRecord(new byte[random.nextInt(8)], random.nextBoolean()); // damaged
    }
    // Of two versions with the same key and LSN the first stays.
    patches.computeIfAbsent(lsn, at -> new HashMap<>()).putIfAbsent(key, patch);
    return Value.walRecord(BytePatchRedo.record(patch), /* willInit= */ dice < 6);
  }

  private PageKey key() {
    return KEYS.get(random.nextInt(KEYS.size()));
  }

  private KeyRange keyRange() {
    PageKey one = key();
    PageKey two = key();
    return random.nextBoolean() || one.equals(two)
        ? KeyRange.of(one)
        : one.compareTo(two) < 0 ? new KeyRange(one, two) : new KeyRange(two, one);
  }

  /** The last LSN mostly, as that is what can be wrong when something is put meanwhile. */
  private Lsn asOf() {
    long last = model.lastLsn().value();
    return Lsn.of(random.nextInt(3) == 0 ? 1 + random.nextLong(last) : last);
  }

  private void reopen() throws IOException {
    store.checkInvariants();
    close();
    open();
    for (int offset = (int) store.durableOffset().orElse(-1) + 1; offset < log.size(); offset++) {
      log.get(offset).apply(writer, offset);
    }
  }

  private void compare(int dice) throws IOException {
    Lsn asOf = asOf();
    if (dice < 80) {
      PageKey key = key();
      Lsn wanted = asOf.equals(model.lastLsn()) && random.nextBoolean() ? null : asOf;
      check(store.page(TIMELINE, key, wanted, ReadLimit.NONE), key, asOf);
    } else if (dice < 90) {
      compareKeys(asOf);
    } else {
      compareRange(asOf);
    }
  }

  private void compareKeys(Lsn asOf) throws IOException {
    List<PageKey> keys = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      keys.add(key());
    }
    List<PageKey> sorted = keys.stream().sorted().distinct().toList();
    List<PageRead> pages = new ArrayList<>();
    store.pages(TIMELINE, keys, asOf, ReadLimit.NONE, page -> pages.add(page) && disturb());
    assertThat(pages).extracting(PageRead::key).isEqualTo(sorted);
    for (PageRead page : pages) {
      check(page, page.key(), asOf);
    }
  }

  private void compareRange(Lsn asOf) throws IOException {
    KeyRange range = random.nextBoolean() ? KeyRange.ALL : keyRange();
    DroppedPages dropped = random.nextBoolean() ? DroppedPages.SHOW : DroppedPages.SKIP;
    List<PageKey> expected = new ArrayList<>(model.written(range, asOf));
    if (dropped == DroppedPages.SKIP) {
      expected.removeIf(key -> model.get(key, asOf).status() == ReconstructData.Status.DROPPED);
    }
    List<PageRead> pages = new ArrayList<>();
    Optional<PageKey> next = Optional.of(range.startKey());
    int count = 1 + random.nextInt(4);
    while (next.isPresent()) {
      KeyRange rest = new KeyRange(next.get(), range.endKey());
      next =
          store
              .scanPages(
                  TIMELINE,
                  rest,
                  asOf,
                  dropped,
                  count,
                  ReadLimit.NONE,
                  page -> pages.add(page) && disturb())
              .next();
    }
    assertThat(pages).extracting(PageRead::key).isEqualTo(expected);
    for (PageRead page : pages) {
      check(page, page.key(), asOf);
    }
  }

  /** Freezes layers in the middle of a read now and then, or reads another page. */
  private boolean disturb() throws IOException {
    int dice = random.nextInt(30);
    if (dice == 0) {
      writer.freeze(log.size() - 1);
    } else if (dice == 1) {
      try {
        writer.awaitFlushed();
      } catch (InterruptedException e) {
        throw new InterruptedIOException(e.getMessage());
      }
    } else if (dice < 5) {
      store.page(TIMELINE, key(), asOf(), ReadLimit.NONE);
    }
    return true;
  }

  private void check(PageRead read, PageKey key, Lsn asOf) {
    Model.Expected expected = model.get(key, asOf);
    String what = "key=" + key + ", asOf=" + asOf + ", read=" + read;
    assertThat(read.key()).isEqualTo(key);
    assertThat(read.asOf()).isEqualTo(asOf);
    RedoResult result = read.result();
    switch (expected.status()) {
      case BEFORE_HISTORY -> checkRefused(result, Lsn.INVALID, Reason.BEFORE_HISTORY, what);
      case DROPPED -> {
        assertThat(result).as(what).isInstanceOf(RedoResult.Absent.class);
        assertThat(read.droppedAt()).as(what).isEqualTo(expected.droppedAt());
      }
      case INCOMPLETE ->
          checkRefused(result, expected.records().get(0).lsn(), Reason.MISSING_BASE, what);
      case COMPLETE -> checkPage(read, expected, what);
    }
    comparisons++;
    hits += read.isFromCache() ? 1 : 0;
  }

  private void checkPage(PageRead read, Model.Expected expected, String what) {
    Version base = expected.base();
    byte[] page = base == null ? new byte[PAGE] : base.value().bytes().clone();
    for (Version record : expected.records()) {
      Patch patch = patches.getOrDefault(record.lsn(), Map.of()).get(read.key());
      if (record.value().bytes().length < 8) {
        checkRefused(read.result(), record.lsn(), Reason.DAMAGED_RECORD, what);
        return;
      }
      System.arraycopy(patch.bytes(), 0, page, patch.offset(), patch.bytes().length);
    }
    assertThat(read.result()).as(what).isInstanceOf(RedoResult.Page.class);
    assertThat(((RedoResult.Page) read.result()).bytes()).as(what).isEqualTo(page);
    int records = expected.records().size();
    Version newest = records == 0 ? base : expected.records().get(records - 1);
    assertThat(read.newestLsn()).as(what).isEqualTo(newest.lsn());
    if (read.isFromCache()) {
      assertThat(read.recordsApplied()).as(what).isLessThanOrEqualTo(records);
    } else {
      assertThat(read.recordsApplied()).as(what).isEqualTo(records);
    }
  }

  private static void checkRefused(RedoResult result, Lsn lsn, Reason reason, String what) {
    assertThat(result)
        .as(what)
        .isInstanceOfSatisfying(
            RedoResult.Refused.class,
            refused -> {
              assertThat(refused.reason()).as(what).isEqualTo(reason);
              assertThat(refused.lsn()).as(what).isEqualTo(lsn);
            });
  }

  @Override
  public void close() throws IOException {
    store.close();
    resources.close();
    assertThat(resources.memoryBudget().heldBytes()).isZero();
  }
}
