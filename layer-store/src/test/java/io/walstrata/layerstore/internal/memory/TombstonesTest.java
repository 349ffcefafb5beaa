package io.walstrata.layerstore.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The index of tombstones, and the set that grows, against looking through all one by one. */
class TombstonesTest {
  private static final int KEYS = 40;

  static LongStream seeds() {
    return Seeds.seeds(40);
  }

  private static PageKey key(int number) {
    return number == KEYS
        ? PageKey.MAX
        : new PageKey(number / 8, (number % 8) * (Long.MAX_VALUE / 4));
  }

  private static Tombstone random(Random random, int maxLsn) {
    int start = random.nextInt(KEYS);
    int end = start + 1 + random.nextInt(random.nextBoolean() ? 2 : KEYS - start);
    long lsn = 1 + random.nextInt(maxLsn);
    return new Tombstone(
        new KeyRange(key(start), key(Math.min(KEYS, end))),
        Lsn.of(random.nextInt(9) == 0 ? -1 - lsn : lsn));
  }

  private static Lsn newest(List<Tombstone> all, PageKey key, Lsn asOf) {
    Lsn newest = Lsn.INVALID;
    for (Tombstone tombstone : all) {
      Lsn lsn = tombstone.lsn();
      if (tombstone.keys().contains(key) && !lsn.isAfter(asOf) && lsn.isAfter(newest)) {
        newest = lsn;
      }
    }
    return newest;
  }

  private static void checkSpan(
      TombstoneSpan span, List<Tombstone> all, PageKey key, Lsn asOf, String what) {
    assertThat(span.newest()).as(what).isEqualTo(newest(all, key, asOf));
    assertThat(span.endKey()).as(what).isGreaterThan(key);
    assertThat(span.coveredUpTo()).as(what).isGreaterThanOrEqualTo(span.endKey());
    boolean isBound = span.endKey().equals(PageKey.MAX);
    for (Tombstone tombstone : all) {
      for (PageKey bound : List.of(tombstone.keys().startKey(), tombstone.keys().endKey())) {
        isBound |= bound.equals(span.endKey());
        if (bound.compareTo(key) > 0 && bound.compareTo(span.endKey()) < 0) {
          assertThat(newest(all, bound, asOf)).as(what).isEqualTo(span.newest());
        }
        if (bound.compareTo(key) > 0 && bound.compareTo(span.coveredUpTo()) < 0) {
          assertThat(newest(all, bound, asOf).equals(Lsn.INVALID))
              .as(what)
              .isEqualTo(span.newest().equals(Lsn.INVALID));
        }
      }
    }
    assertThat(isBound).as(what).isTrue();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void answers_areThoseOfLookingThroughAll(long seed) {
    Random random = new Random(seed);
    Tombstones growing = new Tombstones();
    List<Tombstone> all = new ArrayList<>();
    int count = random.nextInt(120);
    for (int i = 0; i <= count; i++) {
      check(growing, all, random, seed);
      Tombstone next = random(random, 50);
      assertThat(growing.add(next)).isEqualTo(!all.contains(next));
      assertThat(growing.contains(next)).isTrue();
      if (!all.contains(next)) {
        all.add(next);
      }
    }
  }

  private static void check(Tombstones growing, List<Tombstone> all, Random random, long seed) {
    TombstoneIndex index = TombstoneIndex.of(all);
    PageKey key =
        random.nextBoolean() ? key(random.nextInt(KEYS)) : key(random.nextInt(KEYS)).next();
    Lsn asOf = Lsn.of(random.nextInt(9) == 0 ? -20 : 1 + random.nextInt(50));
    Lsn newest = newest(all, key, asOf);
    String what = Seeds.replay(seed) + ", key=" + key + ", asOf=" + asOf;
    assertThat(index.newest(key, asOf, new CostCounter())).as(what).isEqualTo(newest);
    assertThat(growing.newest(key, asOf, new CostCounter())).as(what).isEqualTo(newest);
    checkSpan(index.span(key, asOf, new CostCounter()), all, key, asOf, what);
    checkSpan(growing.span(key, asOf, new CostCounter()), all, key, asOf, what);
    assertThat(growing.list()).isEqualTo(List.copyOf(new TreeSet<>(all)));
    assertThat(growing.size()).isEqualTo(all.size());
  }

  @Test
  void keyRange_isFromTheFirstToTheEndOfTheLast() {
    Tombstones tombstones = new Tombstones();
    assertThat(tombstones.startKey()).isNull();
    assertThat(tombstones.endKey()).isNull();
    tombstones.add(new Tombstone(new KeyRange(key(7), key(9)), Lsn.of(1)));
    tombstones.add(new Tombstone(new KeyRange(key(3), key(4)), Lsn.of(2)));
    assertThat(tombstones.startKey()).isEqualTo(key(3));
    assertThat(tombstones.endKey()).isEqualTo(key(9));
  }

  @Test
  void manyOfOneRange_orNestedInEachOther_areStillFound() {
    Tombstones tombstones = new Tombstones();
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      KeyRange same = new KeyRange(new PageKey(1, 0), new PageKey(2, 0));
      KeyRange nested = new KeyRange(new PageKey(5, i), new PageKey(9, -1 - i));
      tombstones.add(new Tombstone(i % 2 == 0 ? same : nested, Lsn.of(1 + i)));
    }
    assertThat(tombstones.newest(new PageKey(1, 7), Lsn.MAX, new CostCounter()))
        .isEqualTo(Lsn.of(count - 1));
    assertThat(tombstones.newest(new PageKey(1, 7), Lsn.of(500), new CostCounter()))
        .isEqualTo(Lsn.of(499));
    assertThat(tombstones.newest(new PageKey(6, 0), Lsn.MAX, new CostCounter()))
        .isEqualTo(Lsn.of(count));
    assertThat(tombstones.newest(new PageKey(5, 10), Lsn.MAX, new CostCounter()))
        .isEqualTo(Lsn.of(10));
    assertThat(tombstones.newest(new PageKey(3, 0), Lsn.MAX, new CostCounter()))
        .isEqualTo(Lsn.INVALID);
  }
}
