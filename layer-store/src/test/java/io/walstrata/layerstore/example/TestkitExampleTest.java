package io.walstrata.layerstore.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.FaultyHome;
import io.walstrata.layerstore.testkit.MemoryHome;
import io.walstrata.layerstore.testkit.Model;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.Fault;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the test kit is used, as small as can be. */
class TestkitExampleTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 7);

  @TempDir Path directory;

  /** A store above a home that refuses the first step; the store writes it again, as on a disk. */
  @Test
  void aStore_survivesAHomeThatFails_andShowsWhatTheModelHas() throws Exception {
    Model model = new Model();
    FaultyHome home = new FaultyHome(new MemoryHome());
    try (LayerStore store = LayerStore.open(home, directory, LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      home.failAt(step -> step == 0);
      for (int i = 0; i < 3; i++) {
        Lsn lsn = Lsn.of(10 + i);
        Value value = Value.image(("version " + i).getBytes(StandardCharsets.UTF_8));
        assertThat(writer.put(i, TIMELINE, KEY, lsn, value)).isEqualTo(model.put(KEY, lsn, value));
      }
      writer.freeze(2);
      writer.awaitFlushed();
      assertThat(home.steps()).isGreaterThan(1);
    }
    try (LayerStore store = LayerStore.open(home, directory, LayerStoreOptions.DEFAULTS)) {
      ReconstructData found = store.get(TIMELINE, KEY, Lsn.of(11));
      assertThat(found.base()).isEqualTo(model.get(KEY, Lsn.of(11)).base());
    }
  }

  /** A disk that is full at the first write; what a power loss leaves is another disk. */
  @Test
  void aFileSystem_failsAtAStep() throws IOException {
    FaultFileSystem files = new Disk(DiskImage.EMPTY).start();
    Path file = files.getPath("/file");
    files.plan(step -> step.kind() == Step.Kind.WRITE ? Fault.noSpace(Fault.Effect.NOTHING) : null);
    IOException full = null;
    try {
      Files.writeString(file, "text");
    } catch (IOException e) {
      full = e;
    }
    assertThat(full).hasMessageContaining("No space left on device");
    assertThat(Files.size(file)).isZero();
    assertThat(files.openFiles()).isEmpty();
  }
}
