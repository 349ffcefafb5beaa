package io.walstrata.layerstore.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.TimelineId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerMapTest {
  private static final int LAYERS = 10_000;

  @TempDir Path directory;

  /** Counts how often a layer is taken out. */
  private static final class CountingList extends AppendList<DeltaLayer> {
    int taken;

    CountingList(List<DeltaLayer> layers) {
      super(layers);
    }

    @Override
    DeltaLayer get(int index) {
      taken++;
      return super.get(index);
    }
  }

  private DeltaLayer layer(int number) {
    ManifestLayer entry =
        new ManifestLayer(
            new TimelineId(1, 2),
            KeyRange.ALL,
            new LsnRange(Lsn.of(number + 5), Lsn.of(number + 6)),
            number,
            number + 1,
            /* versions= */ 3,
            /* tombstones= */ 0,
            /* sizeBytes= */ 100,
            /* contentDigest= */ 7,
            Lsn.INVALID,
            FreezeReason.POLICY);
    return new DeltaLayer(
        new LocalLayerHome(directory), entry, new LayerCache(1 << 20, 1, bytes -> {}));
  }

  @Test
  void totalsAndFirstLsn_doNotWalkOverTheLayers() {
    List<DeltaLayer> layers = new ArrayList<>();
    for (int number = 0; number < LAYERS; number++) {
      layers.add(layer(number));
    }
    CountingList counting = new CountingList(layers);
    LayerMap map = LayerMap.ofDeltas(counting);
    counting.taken = 0;

    assertThat(map.versions()).isEqualTo(3L * LAYERS);
    assertThat(map.sizeBytes()).isEqualTo(100L * LAYERS);
    assertThat(map.durableDigest()).isEqualTo(7L * LAYERS);
    assertThat(map.size()).isEqualTo(LAYERS);
    assertThat(counting.taken).isZero();
    assertThat(map.firstLsn()).isEqualTo(Lsn.of(5));
    assertThat(map.lastClosedLsn()).isEqualTo(Lsn.of(LAYERS + 4));
    assertThat(counting.taken).isEqualTo(2);
  }
}
