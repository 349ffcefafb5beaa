package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers are looked at once when a process starts, and all of them, however many there are. */
class CheckedLayersTest {
  private static final TimelineId TIMELINE = new TimelineId(0xA, 1);

  /** Enough for several threads to look at them. */
  private static final int LAYERS = 700;

  @TempDir Path scratch;
  private final MemoryHome home = new MemoryHome();
  private final StoreResources resources = StoreResources.create();
  private final CheckedLayers checked = resources.checkedLayers();

  @BeforeEach
  void writeLayers() throws Exception {
    try (LayerStore store = LayerStore.open(home, scratch, LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      for (int offset = 0; offset < LAYERS; offset++) {
        put(writer, offset);
        writer.freeze(offset);
      }
      writer.awaitFlushed();
      assertThat(store.layers(TIMELINE)).hasSize(LAYERS);
    }
  }

  private static PageKey key(int offset) {
    return PageKey.of(0, 1, 2, 3, 0, offset);
  }

  private static Value value(int offset) {
    return Value.image(ByteBuffer.allocate(Integer.BYTES).putInt(offset).array());
  }

  private static void put(LayerWriter writer, int offset) throws IOException {
    writer.put(offset, TIMELINE, key(offset), Lsn.of(100 + offset), value(offset));
  }

  private LayerStore open() throws IOException {
    return LayerStore.open(home, scratch, LayerStoreOptions.DEFAULTS, resources);
  }

  private static byte[] read(LayerStore store, int offset) throws IOException {
    ReconstructData data = store.get(TIMELINE, key(offset), Lsn.of(99 + LAYERS));
    return Objects.requireNonNull(data.base()).value().bytes();
  }

  /** Returns the layer of an offset. */
  private LayerPath layer(int offset) {
    return home.list().stream()
        .filter(path -> path.fileName().keyRange().startKey().equals(key(offset)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void open_afterTheCheck_opensNoFile() throws IOException {
    final int before = home.timesOpened();
    assertThat(LayerRepair.plan(home, checked)).isEmpty();
    assertThat(home.timesOpened() - before).as("each once").isEqualTo(LAYERS);
    for (int time = 0; time < 2; time++) {
      try (LayerStore store = open()) {
        assertThat(home.timesOpened() - before).as("not again").isEqualTo(LAYERS);
        assertThat(store.layers(TIMELINE)).hasSize(LAYERS);
      }
    }
    try (LayerStore store = open()) {
      for (int offset = 0; offset < LAYERS; offset++) {
        assertThat(read(store, offset)).isEqualTo(value(offset).bytes());
      }
    }
  }

  @Test
  void open_ofAnotherManifest_looksAgain() throws IOException {
    assertThat(LayerRepair.plan(home, checked)).isEmpty();
    try (LayerStore other = LayerStore.open(home, scratch, LayerStoreOptions.DEFAULTS)) {
      other.claim();
    }
    int before = home.timesOpened();
    open().close();
    assertThat(home.timesOpened() - before).isEqualTo(LAYERS);
  }

  @Test
  void open_afterItWasClaimed_looksAgain() throws IOException {
    assertThat(LayerRepair.plan(home, checked)).isEmpty();
    try (LayerStore store = open()) {
      store.claim();
    }
    int before = home.timesOpened();
    open().close();
    assertThat(home.timesOpened() - before).isEqualTo(LAYERS);
  }

  @Test
  void damageAfterTheCheck_isFoundByReads() throws IOException {
    assertThat(LayerRepair.plan(home, checked)).isEmpty();
    home.delete(layer(5));
    try (LayerStore store = open()) {
      assertThatThrownBy(() -> read(store, 5)).isInstanceOf(CorruptLayerException.class);
      assertThat(read(store, 6)).isEqualTo(value(6).bytes());
    }
  }

  @Test
  void damage_isFoundAmongMany_theFirstReportedFirst() throws IOException {
    List<LayerPath> missing = List.of(layer(100), layer(250), layer(LAYERS - 1));
    missing.forEach(home::delete);
    RepairPlan plan = LayerRepair.plan(home, checked).orElseThrow();
    assertThat(plan.damages()).extracting(LayerDamage::layer).isEqualTo(missing);
    assertThat(plan.firstOffsetNeeded()).isEqualTo(100);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptLayerException.class)
        .hasMessageContaining(missing.get(0).toString());
  }
}
