package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.layer.DeltaLayer;
import io.walstrata.layerstore.internal.layer.InMemoryLayer;
import io.walstrata.layerstore.internal.layer.Layer;
import io.walstrata.layerstore.internal.layer.LayerCache;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.memory.MappedValues;
import io.walstrata.layerstore.internal.read.LayerMerge;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a read costs among 300 000 tombstones, in steps and not in time. */
@Timeout(300)
class ManyTombstonesTest {
  private static final int COUNT = 300_000;
  private static final int KEYS = 20;
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final Lsn FIRST = Lsn.of(10);
  private static final Lsn LAST = Lsn.of(10 + COUNT);

  @TempDir Path directory;
  private final MemoryHome home = new MemoryHome();

  /** How the ranges lie: over space for {@link #COUNT} keys in the middle of the key space. */
  enum Shape {
    NESTED {
      @Override
      int start(int i, Random random) {
        return i;
      }

      @Override
      int end(int i, Random random) {
        return 2 * COUNT - i;
      }
    },
    IDENTICAL {
      @Override
      int start(int i, Random random) {
        return 0;
      }

      @Override
      int end(int i, Random random) {
        return 2 * COUNT;
      }
    },
    STAIRS {
      @Override
      int start(int i, Random random) {
        return 2 * (int) (i * 7919L % COUNT); // neighbours by key have LSNs far apart
      }

      @Override
      int end(int i, Random random) {
        return start(i, random) + 3;
      }
    },
    RANDOM {
      @Override
      int start(int i, Random random) {
        return random.nextInt(COUNT);
      }

      @Override
      int end(int i, Random random) {
        return COUNT + random.nextInt(COUNT);
      }
    };

    abstract int start(int i, Random random);

    abstract int end(int i, Random random);

    Tombstone tombstone(int i, Random random) {
      KeyRange keys = new KeyRange(key(start(i, random)), key(end(i, random)));
      return new Tombstone(keys, Lsn.of(FIRST.value() + 1 + i));
    }
  }

  private static PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  private EphemeralFile values(int number) throws IOException {
    return EphemeralFile.create(directory.resolve("values"), number, 4096, TestWrites.RESOURCES);
  }

  private InMemoryLayer pages(EphemeralFile values) throws IOException {
    InMemoryLayer open = new InMemoryLayer(TIMELINE, FIRST, 0, values);
    for (int i = 0; i < KEYS; i++) {
      open.put(0, key(i * (2 * COUNT / KEYS) + 1), FIRST, Value.image(new byte[] {1}));
    }
    open.freeze(FIRST.next(), 1, FreezeReason.POLICY);
    return open;
  }

  @ParameterizedTest
  @EnumSource
  void read_amongManyTombstones_takesFewSteps(Shape shape) throws IOException {
    EphemeralFile values = values(0);
    EphemeralFile dropValues = values(1);
    InMemoryLayer open = new InMemoryLayer(TIMELINE, FIRST, 1, dropValues);
    Random random = new Random(42);
    List<Tombstone> all = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      Tombstone tombstone = shape.tombstone(i, random);
      assertThat(open.put(1, tombstone)).isTrue();
      all.add(tombstone);
    }
    InMemoryLayer pages = pages(values);
    LayerMap old = LayerMap.EMPTY.withOpen(pages).withFrozen();
    check(old.withOpen(open), open, all, 3_000);

    open.freeze(LAST.next(), 2, FreezeReason.POLICY);
    LayerMap frozen = old.withOpen(open).withFrozen();
    check(frozen, open, all, 3_000);

    ManifestLayer entry;
    try (MappedValues mapped = dropValues.map()) {
      entry = open.writeTo(TestWrites.files(home), mapped, Compression.NONE, FIRST, () -> false);
    }
    DeltaLayer file = new DeltaLayer(home, entry, new LayerCache(1 << 20, 1, bytes -> {}));
    check(frozen.withDelta(pages, pagesFile(pages, values)).withDelta(open, file), file, all, 200);
    file.close();
    values.release();
    dropValues.release();
  }

  private DeltaLayer pagesFile(InMemoryLayer pages, EphemeralFile values) throws IOException {
    try (MappedValues mapped = values.map()) {
      return new DeltaLayer(
          home,
          pages.writeTo(TestWrites.files(home), mapped, Compression.NONE, Lsn.INVALID, () -> false),
          new LayerCache(1 << 20, 1, bytes -> {}));
    }
  }

  private static void check(LayerMap layers, Layer layer, List<Tombstone> all, long maxSteps)
      throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 30; i++) {
      PageKey key = key(random.nextInt(2 * COUNT));
      Lsn asOf = i % 3 == 0 ? LAST : Lsn.of(FIRST.value() + random.nextInt(COUNT));
      CostCounter cost = new CostCounter();
      assertThat(layer.newestTombstone(key, asOf, cost)).isEqualTo(newest(all, key, asOf));
      assertThat(layer.tombstoneSpan(key, asOf, cost).newest()).isEqualTo(newest(all, key, asOf));
      assertThat(cost.tombstoneSteps()).isBetween(1L, 2 * maxSteps);
    }
    for (Lsn asOf : List.of(FIRST, Lsn.of(FIRST.value() + COUNT / 3), LAST)) {
      CostCounter cost = new CostCounter();
      long visible = 0;
      try (LayerMerge merge = new LayerMerge(layers, KeyRange.ALL, asOf, DroppedPages.SKIP, cost)) {
        while (merge.next()) {
          visible += merge.read().isDropped() ? 0 : 1;
        }
      }
      long expected = 0;
      for (int i = 0; i < KEYS; i++) {
        PageKey key = key(i * (2 * COUNT / KEYS) + 1);
        expected += newest(all, key, asOf).equals(Lsn.INVALID) ? 1 : 0;
      }
      assertThat(visible).as("asOf=%s", asOf).isEqualTo(expected);
      assertThat(cost.tombstoneSteps()).as("asOf=%s", asOf).isLessThan(20L * KEYS * maxSteps);
    }
  }

  private static Lsn newest(List<Tombstone> oldestFirst, PageKey key, Lsn asOf) {
    int last = (int) Math.min(oldestFirst.size(), asOf.value() - FIRST.value());
    for (int i = last - 1; i >= 0; i--) {
      if (oldestFirst.get(i).keys().contains(key)) {
        return oldestFirst.get(i).lsn();
      }
    }
    return Lsn.INVALID;
  }
}
