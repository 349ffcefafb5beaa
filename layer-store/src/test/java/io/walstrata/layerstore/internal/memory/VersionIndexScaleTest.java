package io.walstrata.layerstore.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.Scale;
import io.walstrata.layerstore.TestWrites;
import io.walstrata.layerstore.internal.layer.InMemoryLayer;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the index of a large layer takes. */
class VersionIndexScaleTest {
  private static final int MANY = 1_000_000;

  private static void report(String what, long bytes, int count) {
    System.out.printf(
        "heap of an index of %d %s: %.1f bytes each%n", count, what, (double) bytes / count);
  }

  @Test
  void memory_perVersionOfOneKey() {
    long before = Scale.usedHeap();
    VersionIndex index = new VersionIndex(new LayerTotals());
    for (int n = 1; n <= MANY; n++) {
      index.put(1, 2, n, n);
    }
    long used = Scale.usedHeap() - before;
    report("versions of one key", used, MANY);
    // G1 gives each of a few very long arrays whole regions of its own.
    assertThat(index.heapBytes()).isBetween(used / 4 * 3, used / 20 * 21);
    assertThat(used).isBetween(16L * MANY, 26L * MANY);
    Reference.reachabilityFence(index);
  }

  @Test
  void memory_perKeyOfOneVersion() {
    long before = Scale.usedHeap();
    VersionIndex index = new VersionIndex(new LayerTotals());
    for (int n = 1; n <= MANY; n++) {
      index.put(1, n, 1, n);
    }
    long used = Scale.usedHeap() - before;
    report("keys of one version", used, MANY);
    assertThat(index.heapBytes()).isCloseTo(used, Percentage.withPercentage(5));
    assertThat(used).isBetween(40L * MANY, 66L * MANY);
    Reference.reachabilityFence(index);
  }

  /** What a layer says it takes is what a memory budget goes by. */
  @Test
  void memory_ofSmallLayers_isNoMoreThanTheySay(@TempDir Path directory) throws IOException {
    EphemeralFile file = EphemeralFile.create(directory, 1, 4096, TestWrites.RESOURCES);
    int layers = 20_000;
    Value value = Value.image(new byte[10]);
    List<InMemoryLayer> open = new ArrayList<>(layers);
    long before = Scale.usedHeap();
    long told = 0;
    for (int n = 0; n < layers; n++) {
      TimelineId timeline = new TimelineId(7, n);
      InMemoryLayer layer = new InMemoryLayer(timeline, Lsn.of(1), 0, file);
      layer.put(0, new PageKey(1, n), Lsn.of(1), value, 0);
      if (n % 10 == 0) {
        layer.put(0, new Tombstone(KeyRange.ALL, Lsn.of(2)));
      }
      open.add(layer);
      told += layer.heapBytes();
      assertThat(layer.heapGrowth()).isEqualTo(layer.heapBytes());
      assertThat(layer.heapGrowth()).isZero();
    }
    long used = Scale.usedHeap() - before;
    report("layers of one version", used, layers);
    assertThat(told).isBetween(used, 3 * used);
    Reference.reachabilityFence(open);
    file.release();
  }

  @Test
  void memory_ofTombstones_isNoMoreThanTheySay() {
    int many = 50_000;
    long before = Scale.usedHeap();
    Tombstones tombstones = new Tombstones();
    for (int n = 1; n <= many; n++) {
      PageKey start = new PageKey(1, n * 0x9E3779B97F4A7C15L >>> 2);
      tombstones.add(new Tombstone(new KeyRange(start, new PageKey(2, n)), Lsn.of(n)));
    }
    long used = Scale.usedHeap() - before;
    report("tombstones", used, many);
    assertThat(tombstones.heapBytes()).isBetween(used, 3 * used);
    Reference.reachabilityFence(tombstones);
  }

  /** Each chunk is looked into by bisection, so their number is what a look at old LSNs costs. */
  @Test
  void listOfManyVersions_isAFewChunks() {
    int versions = Scale.of("versions in a list", MANY, 10 * MANY);
    VersionLists lists = new VersionLists();
    long tail = VersionLists.FIRST_ONLY;
    for (int n = 1; n <= versions; n++) {
      tail = lists.append(tail, n, n);
    }
    int chunks = 0;
    long seen = 0;
    for (long at = tail; at != VersionLists.FIRST_ONLY; at = lists.previous(at)) {
      chunks++;
      seen += VersionLists.length(at);
    }
    assertThat(seen).isEqualTo(versions);
    assertThat(chunks).isLessThan(45);
  }
}
