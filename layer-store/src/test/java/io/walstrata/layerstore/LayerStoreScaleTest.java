package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.testkit.ManyLayers;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores as large as they may get. */
class LayerStoreScaleTest {
  private static final TimelineId TIMELINE = new TimelineId(3, 4);

  @TempDir Path directory;

  private LayerStore open(LayerHome home) throws IOException {
    return LayerStore.open(home, directory.resolve("ephemeral"), LayerStoreOptions.DEFAULTS);
  }

  private static PageKey key(long number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  private static Value image(LayerStore store, PageKey key, long lsn) throws IOException {
    Version base = store.get(TIMELINE, key, Lsn.of(lsn)).base();
    return base == null ? Value.image(new byte[] {-1}) : base.value();
  }

  private static Value number(long number) {
    return Value.image(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  /** Successive values are far apart in the file, and some lie across each GiB. */
  @Test
  void layerOfManyBytes() throws Exception {
    int values = Scale.of("values of 1 MiB in a layer", 40, 4200);
    byte[] bytes = new byte[1 << 20];
    new Random(5).nextBytes(bytes);
    try (LayerStore store = open(new LocalLayerHome(directory.resolve("home")))) {
      LayerWriter writer = store.claim();
      for (int n = 0; n < values; n++) {
        ByteBuffer.wrap(bytes).putInt(n).putInt(bytes.length - Integer.BYTES, ~n);
        writer.put(n, TIMELINE, scattered(n), Lsn.of(n + 1), Value.image(bytes));
      }
      checkLong(store, values, bytes);
      writer.freeze(values);
      checkLong(store, values, bytes);
      writer.awaitFlushed();
      checkLong(store, values, bytes);
      LayerDesc layer = store.layers(TIMELINE).get(0);
      assertThat(layer.versions()).isEqualTo(values);
      assertThat(layer.sizeBytes()).isGreaterThan((long) values << 20);
      Path file = directory.resolve("home").resolve(TIMELINE.toString()).resolve(layer.name());
      assertThat(LayerFiles.verify(file).problem()).isEmpty();
    }
  }

  private static PageKey scattered(int number) {
    return key((number * 0x9E3779B1L) & 0xFFFFFFFFL);
  }

  private static void checkLong(LayerStore store, int values, byte[] pattern) throws IOException {
    for (int n = 0; n < values; n += 1 + n % 13 + values / 300) {
      byte[] read = image(store, scattered(n), values).bytes();
      ByteBuffer.wrap(pattern).putInt(n).putInt(pattern.length - Integer.BYTES, ~n);
      assertThat(Arrays.equals(read, pattern)).as("value %s", n).isTrue();
    }
  }

  @Test
  void layerOfManyKeys() throws Exception {
    int keys = Scale.of("keys in a layer", 100_000, 10_000_000);
    try (LayerStore store = open(new LocalLayerHome(directory.resolve("home")))) {
      LayerWriter writer = store.claim();
      fill(writer, keys, /* oneKey= */ false);
      checkKeys(store, keys);
      writer.freeze(keys);
      writer.awaitFlushed();
      checkKeys(store, keys);
      assertThat(store.layers(TIMELINE).get(0).versions()).isEqualTo(keys);
      long[] pages = {0};
      store.scan(
          TIMELINE,
          new KeyRange(key(keys / 2), PageKey.MAX),
          Lsn.of(keys),
          DroppedPages.SKIP,
          Long.MAX_VALUE,
          page -> ++pages[0] < 50_000);
      assertThat(pages[0]).isEqualTo(50_000);
    }
  }

  /** Puts as many versions as said, of keys that count up or of one key. */
  private static void fill(LayerWriter writer, int versions, boolean oneKey) throws IOException {
    ValueBatch batch = new ValueBatch();
    byte[] raw = new byte[1000 * Long.BYTES];
    for (int n = 0; n < versions; n += 1000) {
      batch.reset(TIMELINE, raw, 0, raw.length);
      for (int i = 0; i < 1000; i++) {
        ByteBuffer.wrap(raw).putLong(i * Long.BYTES, n + i);
        PageKey key = key(oneKey ? 7 : n + i);
        batch.add(key, Lsn.of(n + i + 1), i * Long.BYTES, Long.BYTES, ValueKind.IMAGE);
      }
      assertThat(writer.putAll(n, batch).added()).isEqualTo(1000);
    }
  }

  private static void checkKeys(LayerStore store, int keys) throws IOException {
    for (long n = 0; n < keys; n += 1 + keys / 1000) {
      assertThat(image(store, key(n), keys)).isEqualTo(number(n));
    }
    assertThat(image(store, key(keys - 1), keys)).isEqualTo(number(keys - 1));
    assertThat(store.get(TIMELINE, key(keys), Lsn.of(keys)).status())
        .isEqualTo(ReconstructData.Status.BEFORE_HISTORY);
  }

  /** Reading an old version costs what reading a new one costs. */
  @Test
  void keyOfManyVersions() throws Exception {
    int versions = Scale.of("versions of a key in a layer", 100_000, 10_000_000);
    try (LayerStore store = open(new LocalLayerHome(directory.resolve("home")))) {
      LayerWriter writer = store.claim();
      fill(writer, versions, /* oneKey= */ true);
      checkVersions(store, versions, /* maxBlocks= */ 0);
      writer.freeze(versions);
      writer.awaitFlushed();
      image(store, key(7), versions); // has the index read
      checkVersions(store, versions, /* maxBlocks= */ 1);
    }
  }

  private static void checkVersions(LayerStore store, int versions, int maxBlocks)
      throws IOException {
    for (long lsn = 1; lsn <= versions; lsn += 1 + versions / 1000) {
      ReconstructData read = store.get(TIMELINE, key(7), Lsn.of(lsn));
      assertThat(read.base()).isEqualTo(new Version(Lsn.of(lsn), number(lsn - 1)));
      assertThat(read.cost().blocksRead()).isLessThanOrEqualTo(maxBlocks);
      assertThat(read.cost().memoryBytes()).isLessThanOrEqualTo(Long.BYTES);
    }
  }

  @Test
  void freezePointOfManyTimelines() throws Exception {
    int timelines = 10_000;
    MemoryHome home = new MemoryHome();
    try (LayerStore store = open(home)) {
      LayerWriter writer = store.claim();
      long before = Scale.usedHeap();
      for (int n = 0; n < timelines; n++) {
        writer.put(n, new TimelineId(n, -n), key(n), Lsn.of(1), number(n));
      }
      long perTimeline = (Scale.usedHeap() - before) / timelines;
      System.out.println("heap per open timeline of one version: bytes=" + perTimeline);
      assertThat(perTimeline).isLessThan(2500);
      assertThat(directory.resolve("ephemeral").toFile().list()).hasSize(1);
      writer.freeze(timelines);
      writer.awaitFlushed();
    }
    try (LayerStore store = open(home)) {
      assertThat(store.timelines()).hasSize(timelines);
      for (int n = 0; n < timelines; n++) {
        Version base = store.get(new TimelineId(n, -n), key(n), Lsn.of(1)).base();
        assertThat(base).isEqualTo(new Version(Lsn.of(1), number(n)));
      }
    }
  }

  @Test
  void timelineOfManyLayers() throws Exception {
    int layers = 10_000;
    Path home = directory.resolve("home");
    ManyLayers.write(home, TIMELINE, layers);
    open(new MemoryHome()).close(); // loads logging and the like, which is not what is measured
    long before = Scale.usedHeap();
    for (int round = 0; round < 3; round++) {
      long start = System.nanoTime();
      try (LayerStore store = open(new LocalLayerHome(home))) {
        long millis = (System.nanoTime() - start) / 1_000_000;
        System.out.println("opened: layers=" + layers + ", ms=" + millis);
        if (round == 0) {
          long perLayer = (Scale.usedHeap() - before) / layers;
          System.out.println("heap per layer that was not read: bytes=" + perLayer);
          assertThat(perLayer).isLessThan(1500);
          checkLayers(store, layers);
        }
      }
    }
  }

  private static void checkLayers(LayerStore store, int layers) throws IOException {
    assertThat(store.layers(TIMELINE)).hasSize(layers);
    assertThat(image(store, key(3), layers)).isEqualTo(number(layers));
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) { // more than may be open
      long lsn = 1 + random.nextInt(layers);
      assertThat(image(store, key(random.nextInt(4)), lsn)).isEqualTo(number(lsn));
    }
    Path descriptors = Path.of("/proc/self/fd");
    if (Files.isDirectory(descriptors)) {
      try (var open = Files.list(descriptors)) {
        assertThat(open.filter(LayerStoreScaleTest::isLayer).count())
            .isBetween(1L, (long) StoreResources.DEFAULT_MAX_OPEN_FILES);
      }
    }
  }

  private static boolean isLayer(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().endsWith(".delta");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}
