package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readers that look on while layers are written, frozen, flushed and closed. */
@Timeout(120)
class LayerStoreConcurrencyTest {
  /*
   * Version n, at LSN n, is of key n modulo KEYS, and every fourth of a key is an image: what a read
   * must give follows from the key and the LSN alone. Where n is a multiple of DROP_EVERY, the upper
   * half of the keys is dropped instead.
   */
  private static final int KEYS = 23;
  private static final int IMAGE_EVERY = 4;
  private static final int DROP_EVERY = 97;
  private static final KeyRange DROPPED = new KeyRange(key(KEYS / 2), key(KEYS - 1).next());
  private static final TimelineId TIMELINE = new TimelineId(3, 4);

  @TempDir Path directory;

  private static PageKey key(long number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number % KEYS);
  }

  private static boolean isImage(long n) {
    return n / KEYS % IMAGE_EVERY == 0;
  }

  private static Value value(long n) {
    byte[] bytes = new byte[(int) (n * 31 % (n % 40 == 0 ? 9000 : 200))];
    Arrays.fill(bytes, (byte) n);
    return isImage(n) ? Value.image(bytes) : Value.walRecord(bytes, /* willInit= */ false);
  }

  private static boolean isDrop(long n) {
    return n % DROP_EVERY == 0;
  }

  private static void write(LayerWriter writer, long n) throws IOException {
    if (isDrop(n)) {
      writer.tombstone(n, TIMELINE, DROPPED, Lsn.of(n));
    } else {
      writer.put(n, TIMELINE, key(n), Lsn.of(n), value(n));
    }
  }

  /** Returns the LSN up to which a key's versions are hidden. */
  private static long droppedAt(long number, long asOf) {
    return DROPPED.contains(key(number)) ? asOf - asOf % DROP_EVERY : 0;
  }

  /** Returns the LSNs of a key's versions in a range, newest first. */
  private static List<Long> versions(long number, long above, long asOf) {
    List<Long> lsns = new ArrayList<>();
    for (long n = asOf - Math.floorMod(asOf - number, (long) KEYS); n > above; n -= KEYS) {
      if (!isDrop(n)) {
        lsns.add(n);
      }
    }
    return lsns;
  }

  private static @Nullable String wrong(ReconstructData data, long number, long asOf) {
    List<Version> expected = new ArrayList<>();
    for (long n : versions(number, droppedAt(number, asOf), asOf)) {
      expected.add(0, new Version(Lsn.of(n), value(n)));
      if (isImage(n)) {
        break;
      }
    }
    List<Version> actual = new ArrayList<>(data.records());
    if (data.base() != null) {
      actual.add(0, data.base());
    }
    return actual.equals(expected)
        ? null
        : "key " + number + " as of " + asOf + ": " + actual + " instead of " + expected;
  }

  private static final class Reader extends Thread {
    private final LayerStore store;
    private final Random random;
    private final ConcurrentLinkedQueue<String> problems;
    private final AtomicLong reads;
    private volatile boolean done;

    Reader(LayerStore store, long seed, ConcurrentLinkedQueue<String> problems, AtomicLong reads) {
      super("reader " + seed);
      this.store = store;
      this.random = new Random(seed);
      this.problems = problems;
      this.reads = reads;
    }

    @Override
    public void run() {
      while (!done && problems.isEmpty()) {
        try {
          readOnce();
        } catch (IllegalStateException e) {
          if (!String.valueOf(e.getMessage()).contains("store is closed")) {
            problems.add(e.toString());
          }
          return;
        } catch (IOException | RuntimeException e) {
          problems.add(e.toString());
        }
      }
    }

    private void readOnce() throws IOException {
      List<TimelineInfo> timelines = store.timelines();
      long lastLsn = timelines.isEmpty() ? 0 : timelines.get(0).lastLsn().value();
      if (lastLsn > 0) {
        long asOf = random.nextBoolean() ? lastLsn : 1 + random.nextLong(lastLsn);
        switch (random.nextInt(6)) {
          case 0 -> scan(asOf);
          case 1 -> getAll(asOf);
          case 2 -> history(asOf);
          default -> {
            long number = random.nextInt(KEYS);
            check(store.get(TIMELINE, key(number), Lsn.of(asOf)), number, asOf);
          }
        }
        reads.incrementAndGet();
      }
      // An interrupt belongs to the thread, not to the file that it happens to read.
      Thread.interrupted();
    }

    private void check(ReconstructData page, long number, long asOf) {
      String wrong = wrong(page, number, asOf);
      if (wrong != null) {
        problems.add(wrong);
      }
    }

    /** Whatever was there before the scan began is in it, and nothing that came later. */
    private void scan(long asOf) throws IOException {
      long start = random.nextInt(KEYS);
      KeyRange range = new KeyRange(key(start), key(KEYS - 1).next());
      List<Long> numbers = new ArrayList<>();
      int limit = 1 + random.nextInt(KEYS);
      store.scan(
          TIMELINE,
          range,
          Lsn.of(asOf),
          DroppedPages.SKIP,
          limit,
          page -> {
            numbers.add(page.key().block());
            check(page, page.key().block(), asOf);
            return true;
          });
      List<Long> expected =
          LongStream.range(start, KEYS)
              .filter(number -> !versions(number, droppedAt(number, asOf), asOf).isEmpty())
              .limit(limit)
              .boxed()
              .toList();
      if (!numbers.equals(expected)) {
        problems.add("scan as of " + asOf + ": " + numbers + " instead of " + expected);
      }
    }

    private void getAll(long asOf) throws IOException {
      List<PageKey> keys = new ArrayList<>();
      for (long number = random.nextInt(KEYS); number < KEYS; number += 1 + random.nextInt(4)) {
        keys.add(key(number));
      }
      ReadEnd<PageKey> end =
          store.getAll(
              TIMELINE,
              keys,
              Lsn.of(asOf),
              page -> {
                check(page, page.key().block(), asOf);
                return true;
              });
      if (end.count() != keys.size()) {
        problems.add(end + " instead of " + keys.size());
      }
    }

    private void history(long asOf) throws IOException {
      long number = random.nextInt(KEYS);
      long start = random.nextLong(asOf);
      int limit = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(20);
      List<HistoryEntry> expected = new ArrayList<>();
      for (long n = asOf; n >= Math.max(start, 1) && expected.size() < limit; n--) {
        if (isDrop(n) && DROPPED.contains(key(number))) {
          expected.add(new HistoryEntry(Lsn.of(n), null, /* isDropped= */ true));
        } else if (!isDrop(n) && n % KEYS == number) {
          expected.add(new HistoryEntry(Lsn.of(n), value(n), /* isDropped= */ false));
        }
      }
      List<HistoryEntry> entries = new ArrayList<>();
      LsnRange range = new LsnRange(Lsn.of(start), Lsn.of(asOf + 1));
      store.history(TIMELINE, key(number), range, limit, entries::add);
      if (!entries.equals(expected)) {
        problems.add("history of " + number + " in " + range + ": " + entries);
      }
    }
  }

  @Test
  void readers_whileLayersMoveFromOpenToDelta_seeEveryVersion() throws Exception {
    ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
    AtomicLong reads = new AtomicLong();
    List<Reader> readers = new ArrayList<>();
    Random random = new Random(5);
    long n = 0;
    try (LayerStore store =
        LayerStore.open(
            new LocalLayerHome(directory.resolve("home")),
            directory.resolve("ephemeral"),
            LayerStoreOptions.DEFAULTS.withWriteBufferBytes(1 << 15),
            StoreResources.create(StoreResources.Bounds.DEFAULTS.withMaxOpenFiles(3)))) {
      LayerWriter writer = store.claim();
      for (int i = 0; i < 4; i++) {
        readers.add(new Reader(store, i, problems, reads));
      }
      readers.forEach(Thread::start);
      long end = System.nanoTime() + 4_000_000_000L;
      while (System.nanoTime() < end && problems.isEmpty()) {
        n++;
        write(writer, n);
        if (random.nextInt(60) == 0) {
          writer.freeze(n);
        }
        if (random.nextInt(10) == 0) {
          readers.get(random.nextInt(readers.size())).interrupt();
        }
        if (n % 50 == 0) {
          Thread.sleep(1);
        }
      }
      store.checkInvariants();
      if (random.nextBoolean()) {
        readers.get(0).done = true;
      }
    }
    for (Reader reader : readers) {
      reader.join(30_000);
      assertThat(reader.isAlive()).isFalse();
    }
    assertThat(problems).isEmpty();
    assertThat(n).isGreaterThan(500);
    assertThat(reads.get()).isGreaterThan(1000);
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 1 << 15})
  void writer_thatIsInterrupted_continues(int bufferBytes) throws Exception {
    try (LayerStore store =
        LayerStore.open(
            new LocalLayerHome(directory.resolve("home")),
            directory.resolve("ephemeral"),
            LayerStoreOptions.DEFAULTS.withWriteBufferBytes(bufferBytes),
            StoreResources.create(StoreResources.Bounds.DEFAULTS.withMaxOpenFiles(3)))) {
      LayerWriter writer = store.claim();
      for (long n = 1; n <= 2000; n++) {
        Thread.currentThread().interrupt();
        write(writer, n);
        assertThat(Thread.interrupted()).isTrue();
      }
      for (long number = 0; number < KEYS; number++) {
        Thread.currentThread().interrupt();
        ReconstructData data = store.get(TIMELINE, key(number), Lsn.of(2000));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(wrong(data, number, 2000)).isNull();
      }
    }
  }
}
