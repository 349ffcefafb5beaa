package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.redo.BytePatchRedo;
import io.walstrata.layerstore.redo.BytePatchRedo.Patch;
import io.walstrata.layerstore.redo.RedoResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers of pages that share the cache, while a writer changes the same pages. */
@Timeout(120)
class PageReadConcurrencyTest {
  /*
   * Version n, at LSN n, is of key n modulo KEYS and writes n into one of the page's eight slots;
   * every twentieth of a key is an image. So a page follows from its key and its newest LSN alone, and that from the LSN of the read.
   */
  private static final int KEYS = 5;
  private static final int SLOTS = 8;
  private static final int IMAGE_EVERY = 20;
  private static final long READS_PER_READER = 2_000;
  private static final TimelineId TIMELINE = new TimelineId(3, 4);

  @TempDir Path directory;

  private static PageKey key(long number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number % KEYS);
  }

  private static int slot(long n) {
    return (int) (n / KEYS % SLOTS) * Long.BYTES;
  }

  private static void write(LayerWriter writer, long n) throws IOException {
    if (n > KEYS && n / KEYS % IMAGE_EVERY == 0) {
      writer.put(n, TIMELINE, key(n), Lsn.of(n), Value.image(page(n)));
      return;
    }
    byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(n).array();
    byte[] record = BytePatchRedo.record(new Patch(slot(n), number));
    writer.put(n, TIMELINE, key(n), Lsn.of(n), Value.walRecord(record, /* willInit= */ n <= KEYS));
  }

  private static byte[] page(long newest) {
    ByteBuffer page = ByteBuffer.allocate(SLOTS * Long.BYTES);
    for (long n =
            Math.max(newest - (SLOTS - 1L) * KEYS, Math.floorMod(newest - 1, (long) KEYS) + 1);
        n <= newest;
        n += KEYS) {
      page.putLong(slot(n), n);
    }
    return page.array();
  }

  private static final class Reader extends Thread {
    private final LayerStore store;
    private final Random random;
    private final ConcurrentLinkedQueue<String> problems;
    private final AtomicLong hits;
    private long reads;

    Reader(LayerStore store, long seed, ConcurrentLinkedQueue<String> problems, AtomicLong hits) {
      this.store = store;
      this.random = new Random(seed);
      this.problems = problems;
      this.hits = hits;
    }

    @Override
    public void run() {
      try {
        while (reads < READS_PER_READER && problems.isEmpty()) {
          Lsn last = store.timelines().get(0).lastLsn();
          switch (random.nextInt(8)) {
            case 0 -> {
              List<PageKey> keys = new ArrayList<>();
              for (long number = 0; number < KEYS; number++) {
                keys.add(key(number));
              }
              store.pages(TIMELINE, keys, last, ReadLimit.NONE, this::check);
            }
            case 1 ->
                store.scanPages(
                    TIMELINE,
                    KeyRange.ALL,
                    last,
                    DroppedPages.SKIP,
                    KEYS,
                    ReadLimit.NONE,
                    this::check);
            case 2 -> {
              Lsn asOf = Lsn.of(KEYS + random.nextLong(last.value() - KEYS + 1));
              check(store.page(TIMELINE, key(random.nextInt(KEYS)), asOf, ReadLimit.NONE));
            }
            default -> check(store.page(TIMELINE, key(random.nextInt(KEYS)), null, ReadLimit.NONE));
          }
        }
      } catch (IOException | RuntimeException e) {
        problems.add(e.toString());
      }
    }

    private boolean check(PageRead read) {
      reads++;
      hits.addAndGet(read.isFromCache() ? 1 : 0);
      long asOf = read.asOf().value();
      long newest = asOf - Math.floorMod(asOf - read.key().block(), (long) KEYS);
      boolean isRight =
          Lsn.of(newest).equals(read.newestLsn())
              && read.result() instanceof RedoResult.Page page
              && Arrays.equals(page.bytes(), page(newest));
      if (!isRight) {
        problems.add("newest should be " + newest + ": " + read);
      }
      return isRight;
    }
  }

  @Test
  void readers_atTheLastLsn_seeThePageOfTheLsnThatTheyAreTold() throws Exception {
    ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
    AtomicLong hits = new AtomicLong();
    try (LayerStore store =
        LayerStore.open(
            new LocalLayerHome(directory.resolve("home")),
            directory.resolve("ephemeral"),
            LayerStoreOptions.DEFAULTS.withRedo(new BytePatchRedo(SLOTS * Long.BYTES)))) {
      LayerWriter writer = store.claim();
      long n = 0;
      while (n < 2 * KEYS) {
        write(writer, ++n);
      }
      List<Reader> readers = new ArrayList<>();
      for (int seed = 0; seed < 4; seed++) {
        readers.add(new Reader(store, seed, problems, hits));
        readers.get(seed).start();
      }
      while (readers.stream().anyMatch(Thread::isAlive)) {
        write(writer, ++n);
        if (n % 5_000 == 0) {
          writer.freeze(n);
        }
      }
    }
    assertThat(problems).isEmpty();
    assertThat(hits.get()).as("reads from the cache").isPositive();
  }
}
