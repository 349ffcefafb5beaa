package io.walstrata.layerstore.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * One thread puts, others read without waiting for it: whatever was put before an LSN was announced
 * is found, whole and in order, and nothing else. The versions follow from their LSN, so that a
 * reader knows every one of them by itself.
 *
 * <p>Many short rounds, as what may go wrong goes wrong while arrays are still growing. {@code
 * -Dwalstrata.publication.seconds=N} runs for longer.
 */
class VersionIndexPublicationTest {
  private static final int READERS = 3;
  private static final int MAX_BATCH = 100;
  private static final int STEP = 8; // between the starts of two values of a batch
  private static final byte[] RAW = new byte[MAX_BATCH * STEP + (1 << 16)];
  private static final int SECONDS = Integer.getInteger("walstrata.publication.seconds", 4);

  /** One index, filled and read at the same time. */
  private static final class Round {
    final VersionIndex index = new VersionIndex(new LayerTotals());
    final int keys;
    final long lastLsn;
    volatile long announced;

    Round(int keys, long lastLsn) {
      this.keys = keys;
      this.lastLsn = lastLsn;
    }

    long keyOf(long lsn) {
      long mixed = (lsn ^ lsn >>> 7) * 0x9E3779B97F4A7C15L;
      return Long.remainderUnsigned(mixed ^ mixed >>> 32, keys);
    }

    /** Returns where a version's value would be: its length follows from key and LSN. */
    static long place(long key, long lsn) {
      return PackedPosition.of(lsn * STEP, length(key, lsn), ValueKind.IMAGE);
    }

    private static int length(long key, long lsn) {
      return (int) ((key * 31 + lsn) * 0x9E3779B97F4A7C15L >>> 48);
    }

    void write(Random random) {
      ValueBatch batch = new ValueBatch();
      for (long first = 1; first <= lastLsn; ) {
        int size = random.nextBoolean() ? 1 : 1 + random.nextInt(MAX_BATCH);
        batch.reset(new TimelineId(1, 2), RAW, 0, RAW.length);
        for (long lsn = first; batch.size() < size && lsn <= lastLsn; lsn++) {
          long key = keyOf(lsn);
          int offset = batch.size() * STEP;
          batch.add(key, key << 32, lsn, offset, length(key, lsn), ValueKind.IMAGE);
        }
        if (batch.size() == 1) {
          long key = batch.keyHigh(0);
          index.put(key, key << 32, first, place(key, first));
        } else {
          index.putAll(batch, 0, batch.size(), first * STEP);
        }
        if (first % 3 == 0) {
          // The same again, as a message that comes twice does.
          assertThat(index.putAll(batch, 0, batch.size(), 0)).isZero();
        }
        first += batch.size();
        announced = first - 1;
      }
    }

    /** Returns how many reads were compared. */
    long read(Random random) throws IOException {
      long reads = 0;
      while (announced < lastLsn || reads == 0) {
        long asOf = announced;
        if (asOf > 0) {
          readKey(keyOf(1 + random.nextLong(asOf)), 1 + random.nextLong(asOf));
          if (reads % 64 == 0) {
            readAll(asOf);
          }
          reads++;
        }
      }
      return reads;
    }

    private void readKey(long key, long asOf) throws IOException {
      long expected = asOf;
      while (expected > 0 && keyOf(expected) != key) {
        expected--;
      }
      long[] next = {expected};
      index.descend(
          index.find(new PageKey(key, key << 32)),
          Lsn.of(asOf),
          Lsn.INVALID,
          (high, low, lsn, place) -> {
            assertThat(lsn).isEqualTo(next[0]);
            assertThat(place).isEqualTo(place(key, lsn));
            do {
              next[0]--;
            } while (next[0] > 0 && keyOf(next[0]) != key);
            return asOf - lsn < 10_000;
          });
      assertThat(next[0] == 0 || asOf - next[0] >= 10_000).isTrue();
    }

    private void readAll(long asOf) throws IOException {
      long[] found = {0, -1, 0}; // versions at or below asOf, the last one's key, its LSN
      index.forEach(
          KeyRange.ALL,
          (high, low, lsn, place) -> {
            assertThat(high > found[1] || (high == found[1] && lsn > found[2])).isTrue();
            assertThat(place).isEqualTo(place(high, lsn));
            found[0] += lsn <= asOf ? 1 : 0;
            found[1] = high;
            found[2] = lsn;
            return true;
          });
      assertThat(found[0]).isEqualTo(asOf);
    }
  }

  @Test
  void readers_findAllThatWasAnnounced_andNothingElse() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(READERS);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    long rounds = 0;
    long reads = 0;
    try {
      while (System.nanoTime() < end) {
        Random random = new Random(rounds);
        Round round = new Round(1 << random.nextInt(12), 1 + random.nextInt(20_000));
        List<Future<Long>> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
          long seed = rounds * READERS + i;
          readers.add(threads.submit(() -> round.read(new Random(seed))));
        }
        round.write(random);
        for (Future<Long> reader : readers) {
          reads += reader.get(1, TimeUnit.MINUTES);
        }
        rounds++;
      }
    } finally {
      threads.shutdownNow();
    }
    System.out.println("publication: rounds=" + rounds + ", reads=" + reads);
    assertThat(reads).isPositive();
  }
}
