package io.walstrata.harness.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IngestWorkloadTest {
  @TempDir Path directory;

  private LayerStore open() throws IOException {
    return LayerStore.open(
        LayerHomes.partition(directory.resolve("layers")),
        directory.resolve("state"),
        LayerStoreOptions.DEFAULTS);
  }

  @ParameterizedTest
  @EnumSource
  void everyVersion_isInTheStoreAfterAFlush(KeyLayout layout) throws Exception {
    IngestWorkload workload = new IngestWorkload(layout, 100, 1);
    assertThat(workload.versions()).isEqualTo(10485);
    try (LayerStore store = open()) {
      LayerWriter writer = store.claim();
      ValueBatch batch = new ValueBatch();
      int number = 0;
      while (number < workload.versions()) {
        int count = workload.fill(batch, number);
        writer.putAll(number, batch);
        number += count;
      }
      writer.freeze(number);
      writer.awaitFlushed();
      assertThat(writer.counters().added()).isEqualTo(10485);
    }
    try (LayerStore store = open()) {
      for (int i = 0; i < 10485; i++) {
        ReconstructData data =
            store.get(
                IngestWorkload.TIMELINE,
                PageKey.of(0, 0, 0, 0, 0, Integer.toUnsignedLong(layout.block(i))),
                Lsn.of(1100 + 100L * i));
        byte[] bytes = Objects.requireNonNull(data.base()).value().bytes();
        assertThat(bytes).hasSize(112);
        assertThat(ByteBuffer.wrap(bytes, 0, 20))
            .isEqualTo(ByteBuffer.allocate(20).putInt(0).putLong(100).putLong(i).flip());
        workload.check(store, i);
      }
    }
  }

  @Test
  void lastBatch_hasWhatIsLeft() {
    IngestWorkload workload = new IngestWorkload(KeyLayout.SEQUENTIAL, 100, 1);
    ValueBatch batch = new ValueBatch();
    assertThat(workload.fill(batch, 0)).isEqualTo(16);
    assertThat(workload.fill(batch, 10480)).isEqualTo(5);
    assertThat(batch.size()).isEqualTo(5);
    assertThat(batch.rawLength()).isEqualTo(5 * 112);
  }

  @Test
  void check_seesWhatIsNotThere_andWhatIsWrong() throws IOException {
    IngestWorkload workload = new IngestWorkload(KeyLayout.SEQUENTIAL, 100, 1);
    ValueBatch batch = new ValueBatch();
    try (LayerStore store = open()) {
      LayerWriter writer = store.claim();
      workload.fill(batch, 0);
      writer.putAll(0, batch);
      workload.check(store, 15);
      put(writer, workload, IngestWorkload.key(16), 16);
      assertThatThrownBy(() -> workload.check(store, 16))
          .as("other bytes")
          .isInstanceOf(IOException.class)
          .hasMessageContaining("number=16");
      put(writer, workload, IngestWorkload.key(99), 17);
      assertThatThrownBy(() -> workload.check(store, 17))
          .as("another key")
          .isInstanceOf(IOException.class)
          .hasMessageContaining("number=17");
    }
  }

  private static void put(LayerWriter writer, IngestWorkload workload, PageKey key, int number)
      throws IOException {
    writer.put(1, IngestWorkload.TIMELINE, key, workload.lsn(number), Value.image(new byte[112]));
  }
}
