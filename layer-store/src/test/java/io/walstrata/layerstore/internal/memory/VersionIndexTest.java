package io.walstrata.layerstore.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.testkit.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The index against a sorted map. {@code -Dwalstrata.seed=N} replays one case. */
class VersionIndexTest {
  private record Version(PageKey key, Lsn lsn, long place) {}

  private final VersionIndex index = new VersionIndex(new LayerTotals());
  private final NavigableMap<PageKey, NavigableMap<Lsn, Long>> model = new TreeMap<>();
  private long end; // of the values so far, in an imagined file
  private long valueBytes;

  static LongStream seeds() {
    return Seeds.seeds(40);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void index_answersAsASortedMapDoes(long seed) throws IOException {
    Random random = new Random(seed);
    int keys = 1 << random.nextInt(13);
    int shape = random.nextInt(4);
    long lsn = 1;
    int puts = random.nextInt(20_000);
    for (int i = 0; i < puts; ) {
      int size = 1 + random.nextInt(80);
      List<Version> group = new ArrayList<>();
      for (; size > 0 && i < puts; size--, i++) {
        group.add(new Version(key(shape, random.nextInt(keys)), Lsn.of(lsn), 0));
        lsn += random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(100);
      }
      put(group, random);
      if (random.nextInt(100) == 0) {
        checkRange(random, shape, keys);
      }
    }
    assertThat(index.versions()).isEqualTo(model.values().stream().mapToLong(Map::size).sum());
    assertThat(index.valueBytes()).isEqualTo(valueBytes);
    assertThat(index.keys()).isEqualTo(model.size());
    for (int i = 0; i < 50; i++) {
      checkKey(random, key(shape, random.nextInt(keys + 1)), lsn);
      checkRange(random, shape, keys);
    }
    assertThat(visit(KeyRange.ALL)).isEqualTo(expected(KeyRange.ALL));
    assertThat(index.firstKey()).isEqualTo(model.isEmpty() ? null : model.firstKey());
    assertThat(index.lastKey()).isEqualTo(model.isEmpty() ? null : model.lastKey());
  }

  private static PageKey key(int shape, int number) {
    return switch (shape) {
      case 0 -> PageKey.of(0, 1663, 5, 16384, 0, number);
      case 1 -> PageKey.of(0, 1663, 5, 16384 + number % 7, number % 3, number);
      case 2 -> new PageKey(-1L << 56 | number, (long) number * 0x9E3779B97F4A7C15L);
      default -> new PageKey(number, -2);
    };
  }

  /** Puts versions as one batch, or each by itself; their places are set here. */
  private void put(List<Version> group, Random random) {
    byte[] raw = new byte[100 * group.size()];
    ValueBatch batch = new ValueBatch();
    batch.reset(new TimelineId(1, 2), raw, 0, raw.length);
    for (Version version : group) {
      int length = random.nextInt(100);
      batch.add(version.key, version.lsn, 100 * batch.size(), length, ValueKind.WAL_RECORD);
    }
    int expected = 0;
    List<Boolean> areNew = new ArrayList<>();
    for (int i = 0; i < group.size(); i++) {
      long place = PackedPosition.of(end + batch.offset(i), batch.length(i), ValueKind.WAL_RECORD);
      Version version = group.get(i);
      NavigableMap<Lsn, Long> versions = model.computeIfAbsent(version.key, k -> new TreeMap<>());
      boolean isNew = versions.putIfAbsent(version.lsn, place) == null;
      areNew.add(isNew);
      if (isNew) {
        expected++;
        valueBytes += batch.length(i);
      }
    }
    if (random.nextBoolean()) {
      int from = random.nextInt(group.size());
      int added = from == 0 ? 0 : index.putAll(batch, 0, from, end);
      assertThat(added + index.putAll(batch, from, group.size(), end)).isEqualTo(expected);
    } else {
      for (int i = 0; i < group.size(); i++) {
        long place =
            PackedPosition.of(end + batch.offset(i), batch.length(i), ValueKind.WAL_RECORD);
        assertThat(index.put(batch.keyHigh(i), batch.keyLow(i), batch.lsnValue(i), place))
            .isEqualTo(areNew.get(i));
      }
    }
    end += raw.length;
  }

  private void checkKey(Random random, PageKey key, long maxLsn) throws IOException {
    Lsn asOf = Lsn.of(1 + random.nextLong(maxLsn + 1));
    Lsn above = Lsn.of(random.nextLong(asOf.value() + 1));
    List<Version> newestFirst = new ArrayList<>();
    index.descend(
        index.find(key),
        asOf,
        above,
        (high, low, lsn, place) ->
            newestFirst.add(new Version(new PageKey(high, low), Lsn.of(lsn), place)));
    List<Version> expected = new ArrayList<>();
    NavigableMap<Lsn, Long> versions = model.getOrDefault(key, new TreeMap<>());
    versions
        .subMap(above, false, asOf, true)
        .descendingMap()
        .forEach((lsn, place) -> expected.add(new Version(key, lsn, place)));
    assertThat(newestFirst).isEqualTo(expected);
    assertThat(index.contains(key, asOf)).isEqualTo(versions.containsKey(asOf));
  }

  private void checkRange(Random random, int shape, int keys) throws IOException {
    PageKey one = key(shape, random.nextInt(keys));
    PageKey other =
        random.nextInt(3) == 0
            ? new PageKey(one.high(), one.low() + 1 + random.nextInt(300))
            : key(shape, random.nextInt(keys)).next();
    if (one.compareTo(other) < 0) {
      KeyRange range = new KeyRange(one, other);
      assertThat(visit(range)).isEqualTo(expected(range));
    }
  }

  private List<Version> visit(KeyRange range) throws IOException {
    List<Version> visited = new ArrayList<>();
    index.forEach(
        range,
        (high, low, lsn, place) ->
            visited.add(new Version(new PageKey(high, low), Lsn.of(lsn), place)));
    return visited;
  }

  private List<Version> expected(KeyRange range) {
    List<Version> expected = new ArrayList<>();
    model
        .subMap(range.startKey(), true, range.endKey(), false)
        .forEach(
            (key, versions) ->
                versions.forEach((lsn, place) -> expected.add(new Version(key, lsn, place))));
    return expected;
  }

  @Test
  void put_belowTheKeysNewest_isRefused_unlessItIsThere() {
    index.put(1, 2, 10, 100);
    index.put(1, 2, 20, 200);
    assertThatIllegalArgumentException().isThrownBy(() -> index.put(1, 2, 15, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> index.put(1, 2, 5, 0));
    assertThat(index.put(1, 2, 10, 101)).isFalse();
    assertThat(index.put(1, 2, 20, 201)).isFalse();
    assertThat(index.versions()).isEqualTo(2);
  }
}
