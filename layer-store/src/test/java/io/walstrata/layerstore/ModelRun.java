package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.format.DeltaLayerReader;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.testkit.Model;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A random log, put into a store that is reopened now and then, and into models that are not.
 *
 * <p>A crash takes what is not durable; the log is replayed from there, freeze points included, and
 * must have the same outcome: each operation its result, each read its answer.
 */
final class ModelRun implements AutoCloseable {
  /** One operation on store and model; both must have the same outcome. */
  private interface Operation {
    Object apply(LayerWriter writer, long offset) throws IOException;
  }

  private record Logged(Operation operation, Object result, boolean freeze) {}

  private static final int TIMELINES = 3;
  private static final List<PageKey> KEYS = keys();

  private final Random random;
  private final LayerHome home;
  private final Path ephemeral;
  private final List<Model> models = new ArrayList<>();
  private final List<Logged> log = new ArrayList<>(); // the index is the offset
  private LayerStore store;
  private LayerWriter writer;
  private long comparisons;

  ModelRun(LayerHome home, Path ephemeral, long seed) throws IOException {
    this.random = new Random(seed);
    this.home = home;
    this.ephemeral = ephemeral;
    for (int i = 0; i < TIMELINES; i++) {
      models.add(new Model());
    }
    store = open();
    writer = store.claim();
  }

  private static List<PageKey> keys() {
    List<PageKey> keys = new ArrayList<>();
    keys.add(PageKey.MIN);
    for (int block = 0; block < 4; block++) {
      keys.add(PageKey.of(0, 1663, 5, 16384, 0, block));
    }
    keys.add(PageKey.of(0, 0xFFFFFFFFL, 5, 16384, 3, 0xFFFFFFFFL));
    keys.add(new PageKey(-1, -2));
    return keys;
  }

  private static TimelineId timeline(int number) {
    return new TimelineId(number == 2 ? -1 : number, 77);
  }

  private LayerStore open() throws IOException {
    Compression[] compressions = Compression.values();
    return LayerStore.open(
        home,
        ephemeral,
        LayerStoreOptions.DEFAULTS
            .withMaxFrozen(1 + random.nextInt(3))
            .withWriteBufferBytes(4096)
            .withCompression(compressions[random.nextInt(compressions.length)]),
        StoreResources.create(
            StoreResources.Bounds.DEFAULTS
                .withMaxOpenFiles(1 + random.nextInt(20))
                .withLayerCacheBytes(random.nextInt(3) * 5_000L)));
  }

  long comparisons() {
    return comparisons;
  }

  void run(int operations) throws Exception {
    for (int i = 0; i < operations; i++) {
      int dice = random.nextInt(100);
      if (dice < 90) {
        append(dice);
      } else if (dice < 93) {
        writer.awaitFlushed();
      } else if (dice < 96) {
        crash();
      } else {
        compare();
      }
    }
    compare();
    writer.awaitFlushed();
    compare();
    verifyFiles();
  }

  private void append(int dice) throws IOException {
    int number = random.nextInt(TIMELINES);
    Operation operation;
    Object expected;
    if (dice < 50) {
      PageKey key = key();
      Lsn lsn = lsn(number);
      Value value = value();
      expected = models.get(number).put(key, lsn, value);
      operation = (s, offset) -> s.put(offset, timeline(number), key, lsn, value);
    } else if (dice < 65) {
      ValueBatch batch = new ValueBatch();
      expected = fill(batch, number);
      operation = (s, offset) -> s.putAll(offset, batch);
    } else if (dice < 75) {
      KeyRange keys = keyRange();
      Lsn lsn = lsn(number);
      expected = models.get(number).tombstone(keys, lsn);
      operation = (s, offset) -> s.tombstone(offset, timeline(number), keys, lsn);
    } else if (dice < 80) {
      Lsn lsn = lsn(number);
      models.get(number).progress(lsn);
      expected = "progressed";
      operation =
          (s, offset) -> {
            s.progress(offset, timeline(number), lsn);
            return "progressed";
          };
    } else {
      expected = "nothing";
      operation = (s, offset) -> "nothing";
    }
    boolean freeze = dice >= 82;
    log.add(new Logged(operation, expected, freeze));
    apply(log.size() - 1);
  }

  private void apply(int offset) throws IOException {
    Logged logged = log.get(offset);
    assertThat(logged.operation.apply(writer, offset))
        .as("result at offset %d", offset)
        .isEqualTo(logged.result);
    if (logged.freeze) {
      writer.freeze(offset);
    }
  }

  private BatchResult fill(ValueBatch batch, int number) {
    byte[] raw = new byte[1 + random.nextInt(6000)];
    random.nextBytes(raw);
    batch.reset(timeline(number), raw, 1, raw.length - 1);
    int[] counts = new int[2];
    List<Integer> late = new ArrayList<>();
    Lsn lsn = lsn(number);
    int entries = random.nextInt(random.nextInt(8) == 0 ? 80 : 6);
    for (int entry = 0; entry < entries; entry++) {
      int from = random.nextInt(raw.length);
      int length = random.nextInt(raw.length - from);
      ValueKind kind = kind();
      PageKey key = key();
      batch.add(key, lsn, from, length, kind);
      byte[] bytes = java.util.Arrays.copyOfRange(raw, 1 + from, 1 + from + length);
      switch (models.get(number).put(key, lsn, new Value(kind, bytes))) {
        case ADDED -> counts[0]++;
        case DUPLICATE -> counts[1]++;
        case LATE -> late.add(entry);
      }
      lsn = Lsn.of(lsn.value() + random.nextInt(3));
    }
    return new BatchResult(counts[0], counts[1], late);
  }

  private PageKey key() {
    return KEYS.get(random.nextInt(KEYS.size()));
  }

  private KeyRange keyRange() {
    PageKey one = key();
    PageKey two = key();
    return switch (random.nextInt(4)) {
      case 0 -> KeyRange.of(one);
      case 1 -> KeyRange.ALL;
      default -> one.compareTo(two) < 0 ? new KeyRange(one, two) : new KeyRange(two, one.next());
    };
  }

  /** Mostly at or a little above the last LSN, sometimes below. */
  private Lsn lsn(int number) {
    long last = models.get(number).lastLsn().value();
    return Lsn.of(Math.max(1, last + random.nextInt(7) - 2));
  }

  private Value value() {
    int length = random.nextInt(8) == 0 ? random.nextInt(20_000) : random.nextInt(100);
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return new Value(kind(), bytes);
  }

  private ValueKind kind() {
    return switch (random.nextInt(4)) {
      case 0 -> ValueKind.IMAGE;
      case 1 -> ValueKind.WAL_RECORD_WILL_INIT;
      default -> ValueKind.WAL_RECORD;
    };
  }

  private void crash() throws IOException {
    final long durable = store.durableOffset().orElse(-1);
    store.checkInvariants();
    store.close();
    store = open();
    store.checkInvariants();
    long first = store.durableOffset().orElse(-1) + 1;
    assertThat(first).isGreaterThan(durable);
    writer = store.claim();
    for (int offset = (int) first; offset < log.size(); offset++) {
      apply(offset);
    }
  }

  private void compare() throws IOException {
    store.checkInvariants();
    for (int number = 0; number < TIMELINES; number++) {
      Model model = models.get(number);
      if (!model.lastLsn().equals(Lsn.INVALID)) {
        compare(timeline(number), model);
      }
    }
    assertThat(store.timelines())
        .extracting(TimelineInfo::timeline)
        .isSorted()
        .hasSize((int) models.stream().filter(m -> !m.lastLsn().equals(Lsn.INVALID)).count());
  }

  private void compare(TimelineId timeline, Model model) throws IOException {
    for (PageKey key : KEYS) {
      compare(timeline, model, key, model.lastLsn());
      for (int i = 0; i < 6; i++) {
        long asOf = 1 + random.nextLong(model.lastLsn().value());
        compare(timeline, model, key, Lsn.of(asOf));
      }
    }
    for (int i = 0; i < 3; i++) {
      compareMany(timeline, model);
    }
    assertThatThrownBy(() -> store.get(timeline, KEYS.get(0), model.lastLsn().next()))
        .isInstanceOf(LsnNotReachedException.class);
    long versions = store.layers(timeline).stream().mapToLong(LayerDesc::versions).sum();
    assertThat(versions).isEqualTo(model.versions());
    checkInfo(timeline);
    checkOrder(store.layers(timeline));
  }

  /** What is said of a timeline without a look at its layers is what they add up to. */
  private void checkInfo(TimelineId timeline) {
    TimelineInfo info =
        store.timelines().stream()
            .filter(each -> each.timeline().equals(timeline))
            .findFirst()
            .orElseThrow();
    List<LayerDesc> layers = store.layers(timeline);
    assertThat(info.layers()).isEqualTo(layers.size());
    assertThat(info.versions()).isEqualTo(layers.stream().mapToLong(LayerDesc::versions).sum());
    assertThat(info.firstLsn())
        .isEqualTo(layers.isEmpty() ? Lsn.INVALID : layers.get(0).lsnRange().startLsn());
  }

  private void compare(TimelineId timeline, Model model, PageKey key, Lsn asOf) throws IOException {
    check(store.get(timeline, key, asOf), model, key, asOf);
  }

  private void check(ReconstructData data, Model model, PageKey key, Lsn asOf) {
    assertThat(data.key()).isEqualTo(key);
    assertThat(new Model.Expected(data.status(), data.base(), data.records(), data.droppedAt()))
        .as("timeline=%s, key=%s, asOf=%s", data.timeline(), key, asOf)
        .isEqualTo(model.get(key, asOf));
    comparisons++;
  }

  private void compareMany(TimelineId timeline, Model model) throws IOException {
    Lsn asOf = Lsn.of(1 + random.nextLong(model.lastLsn().value()));
    compareKeys(timeline, model, asOf);
    compareRange(timeline, model, keyRange(), asOf);
    compareRange(timeline, model, KeyRange.ALL, model.lastLsn());
    long start = random.nextLong(asOf.value());
    compareHistory(timeline, model, new LsnRange(Lsn.of(start), asOf.next()), asOf.next());
    compareHistory(timeline, model, new LsnRange(Lsn.INVALID, Lsn.MAX), model.lastLsn().next());
  }

  private void compareKeys(TimelineId timeline, Model model, Lsn asOf) throws IOException {
    List<PageKey> keys = new ArrayList<>();
    for (int i = random.nextInt(10); i > 0; i--) {
      keys.add(random.nextInt(4) == 0 ? key().next() : key());
    }
    keys.remove(PageKey.MAX);
    List<PageKey> sorted = keys.stream().sorted().distinct().toList();
    int limit = 1 + random.nextInt(8);
    List<ReconstructData> pages = new ArrayList<>();
    ReadEnd<PageKey> end =
        store.getAll(timeline, keys, asOf, page -> pages.add(page) && pages.size() < limit);
    int expected = Math.min(sorted.size(), limit);
    assertThat(pages).hasSize(expected);
    for (int i = 0; i < expected; i++) {
      check(pages.get(i), model, sorted.get(i), asOf);
    }
    assertThat(end.count()).isEqualTo(expected);
    assertThat(end.next().orElse(null))
        .isEqualTo(expected < sorted.size() ? sorted.get(expected) : null);
  }

  /** Reads a range page by page, each time from where the last read ended. */
  private void compareRange(TimelineId timeline, Model model, KeyRange range, Lsn asOf)
      throws IOException {
    DroppedPages dropped = random.nextBoolean() ? DroppedPages.SHOW : DroppedPages.SKIP;
    List<PageKey> expected = new ArrayList<>(model.written(range, asOf));
    if (dropped == DroppedPages.SKIP) {
      expected.removeIf(key -> model.get(key, asOf).status() == ReconstructData.Status.DROPPED);
    }
    int limit = 1 + random.nextInt(8);
    List<ReconstructData> pages = new ArrayList<>();
    Optional<PageKey> next = Optional.of(range.startKey());
    while (next.isPresent()) {
      int before = pages.size();
      KeyRange rest = new KeyRange(next.get(), range.endKey());
      ReadEnd<PageKey> end =
          store.scan(timeline, rest, asOf, dropped, limit, page -> pages.add(page) && disturb());
      assertThat(end.count()).isEqualTo(pages.size() - before).isLessThanOrEqualTo(limit);
      next = end.next();
      assertThat(next.isEmpty() || end.count() == limit).isTrue();
    }
    assertThat(pages).extracting(ReconstructData::key).isEqualTo(expected);
    for (ReconstructData page : pages) {
      check(page, model, page.key(), asOf);
    }
  }

  /** Freezes layers in the middle of a read now and then, or waits for their files. */
  private boolean disturb() throws IOException {
    int dice = random.nextInt(60);
    if (dice == 0) {
      writer.freeze(log.size() - 1);
    } else if (dice == 1) {
      try {
        writer.awaitFlushed();
      } catch (InterruptedException e) {
        throw new InterruptedIOException(e.getMessage());
      }
    }
    return true;
  }

  private void compareHistory(TimelineId timeline, Model model, LsnRange range, Lsn end)
      throws IOException {
    PageKey key = key();
    int limit = 1 + random.nextInt(8);
    List<HistoryEntry> entries = new ArrayList<>();
    Optional<Lsn> next = Optional.of(range.endLsn());
    while (next.isPresent()) {
      int before = entries.size();
      LsnRange rest = new LsnRange(range.startLsn(), next.get());
      ReadEnd<Lsn> read =
          store.history(timeline, key, rest, limit, entry -> entries.add(entry) && disturb());
      assertThat(read.count()).isEqualTo(entries.size() - before).isLessThanOrEqualTo(limit);
      next = read.next();
    }
    assertThat(entries)
        .as("timeline=%s, key=%s, lsns=%s", timeline, key, range)
        .isEqualTo(model.history(key, new LsnRange(range.startLsn(), end)));
    comparisons++;
  }

  private static void checkOrder(List<LayerDesc> layers) {
    for (int i = 1; i < layers.size(); i++) {
      LayerDesc older = layers.get(i - 1);
      LayerDesc newer = layers.get(i);
      assertThat(newer.startOffset()).isGreaterThanOrEqualTo(older.endOffset());
      assertThat(newer.lsnRange().startLsn())
          .isGreaterThanOrEqualTo(Lsn.of(older.lsnRange().endLsn().value() - 1));
      assertThat(newer.state()).isLessThanOrEqualTo(older.state());
    }
  }

  private void verifyFiles() throws IOException {
    for (LayerPath path : home.list()) {
      try (DeltaLayerReader reader = DeltaLayerReader.open(home.open(path))) {
        reader.verify();
      }
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
