package io.walstrata.layerstore.internal.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.internal.memory.TombstoneSpan;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.testkit.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sweep against asking every layer of every key, and how many it asks. */
class TombstoneSweepTest {
  private static final int KEYS = 300;

  private long asked;

  static LongStream seeds() {
    return Seeds.seeds(60);
  }

  private static PageKey key(int number) {
    return new PageKey(7, number);
  }

  /** The tombstones of one layer: of each key the LSN, 0 for none. */
  private final class Layer {
    private final int[] lsns = new int[KEYS];

    void tombstone(int start, int end, int lsn) {
      for (int number = start; number < Math.min(end, KEYS); number++) {
        lsns[number] = Math.max(lsns[number], lsn);
      }
    }

    TombstoneSpan at(PageKey key) {
      asked++;
      int number = (int) key.low();
      int end = number + 1;
      while (end < KEYS && lsns[end] == lsns[number]) {
        end++;
      }
      PageKey endKey = end == KEYS ? PageKey.MAX : key(end);
      return new TombstoneSpan(Lsn.of(lsns[number]), endKey, endKey);
    }

    int start() {
      int number = 0;
      while (number < KEYS - 1 && lsns[number] == 0) {
        number++;
      }
      return number;
    }
  }

  private static TombstoneSweep sweep(List<Layer> newestFirst) {
    TombstoneSweep sweep = new TombstoneSweep();
    for (int age = 0; age < newestFirst.size(); age++) {
      Layer layer = newestFirst.get(age);
      sweep.add(age, key(layer.start()), layer::at);
    }
    return sweep;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void answers_areThoseOfAskingEveryLayer(long seed) throws IOException {
    Random random = new Random(seed);
    int layers = 1 + random.nextInt(30);
    List<Layer> newestFirst = new ArrayList<>();
    for (int age = 0; age < layers; age++) {
      Layer layer = new Layer();
      for (int spans = random.nextInt(5); spans > 0; spans--) {
        int start = random.nextInt(KEYS);
        // Neighbours share their boundary LSN.
        int lsn = 2 * (layers - age) + random.nextInt(3);
        layer.tombstone(start, start + 1 + random.nextInt(random.nextBoolean() ? 4 : KEYS), lsn);
      }
      newestFirst.add(layer);
    }
    TombstoneSweep sweep = sweep(newestFirst);
    for (int number = random.nextInt(4); number < KEYS; number += random.nextInt(4)) {
      int maxAge = random.nextInt(layers + 2) - 1;
      int newest = 0;
      for (int age = 0; age <= Math.min(maxAge, layers - 1); age++) {
        newest = Math.max(newest, newestFirst.get(age).lsns[number]);
      }
      assertThat(sweep.newest(key(number), maxAge))
          .as("%s, key=%s, maxAge=%s", Seeds.replay(seed), number, maxAge)
          .isEqualTo(Lsn.of(newest));
      PageKey hidden = sweep.hiddenUpTo(key(number), maxAge + 1);
      assertThat(hidden != null).as(Seeds.replay(seed)).isEqualTo(newest > 0);
      if (hidden != null) {
        int end = hidden.equals(PageKey.MAX) ? KEYS : (int) hidden.low();
        List<Layer> newer = newestFirst.subList(0, Math.min(maxAge + 1, layers));
        for (int each = number; each < end; each++) {
          int covered = each;
          assertThat(newer).as(Seeds.replay(seed)).anyMatch(layer -> layer.lsns[covered] > 0);
        }
        assertThat(end).isGreaterThan(number);
      }
    }
  }

  private long askedForAllKeys(List<Layer> newestFirst) throws IOException {
    TombstoneSweep sweep = sweep(newestFirst);
    asked = 0;
    for (int number = 0; number < KEYS; number++) {
      sweep.newest(key(number), newestFirst.size());
    }
    return asked;
  }

  @Test
  void layersUnderANewerTombstone_areNotAsked() throws IOException {
    List<Layer> newestFirst = new ArrayList<>();
    for (int age = 0; age < 10_000; age++) {
      Layer layer = new Layer();
      layer.tombstone(0, KEYS, 20_000 - age);
      newestFirst.add(layer);
    }
    assertThat(askedForAllKeys(newestFirst)).isEqualTo(1);
  }

  @Test
  void layers_areAskedWhereTheirTombstonesBeginAndEnd() throws IOException {
    List<Layer> newestFirst = new ArrayList<>();
    for (int age = 0; age < 10_000; age++) {
      Layer layer = new Layer();
      layer.tombstone(age % KEYS, age % KEYS + 2, 20_000 - age);
      newestFirst.add(layer);
    }
    assertThat(askedForAllKeys(newestFirst)).isLessThanOrEqualTo(2 * 10_000);
  }

  @Test
  void layersThatAreOlderThanAskedFor_areNotAsked() throws IOException {
    List<Layer> newestFirst = new ArrayList<>();
    for (int age = 0; age < 100; age++) {
      Layer layer = new Layer();
      layer.tombstone(0, KEYS, 200 - age);
      newestFirst.add(layer);
    }
    TombstoneSweep sweep = sweep(newestFirst.subList(40, 100));
    assertThat(sweep.newest(key(3), -1)).isEqualTo(Lsn.INVALID);
    assertThat(asked).isZero();
    assertThat(sweep.newest(key(3), 7)).isEqualTo(Lsn.of(160));
    assertThat(asked).isEqualTo(1);
  }
}
