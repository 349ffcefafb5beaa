package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.io.LocalLayerHome;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueDescriber;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looking into a layer file without a store around it. */
class LayerFilesTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 7);

  @TempDir Path directory;
  private Path file;
  private String name;

  @BeforeEach
  void writeLayer() throws Exception {
    Path home = directory.resolve("home");
    try (LayerStore store =
        LayerStore.open(
            new LocalLayerHome(home), directory.resolve("e"), LayerStoreOptions.DEFAULTS)) {
      store.claim();
      store.put(7, TIMELINE, KEY, Lsn.of(10), Value.image(new byte[8192]));
      store.drop(8, TIMELINE, KeyRange.of(KEY), Lsn.of(20));
      store.freeze(8);
      store.awaitFlushed();
      name = store.layers(TIMELINE).get(0).name();
    }
    // Anywhere, under any name, with nothing else of the home.
    file = Files.copy(home.resolve(TIMELINE.toString()).resolve(name), directory.resolve("copy"));
  }

  @Test
  void info_saysWhatTheFileSays() throws Exception {
    LayerFileInfo info = LayerFiles.info(file);

    assertThat(info.layer().name()).isEqualTo(name);
    assertThat(info.layer().timeline()).isEqualTo(TIMELINE);
    assertThat(info.layer().versions()).isEqualTo(1);
    assertThat(info.layer().tombstones()).isEqualTo(1);
    assertThat(info.layer().sizeBytes()).isEqualTo(Files.size(file));
    assertThat(info.valueBytes()).isEqualTo(8192);
    assertThat(info.formatVersion()).isEqualTo(1);
  }

  @Test
  void dump_givesALinePerTombstoneAndVersion() throws Exception {
    List<String> lines = new ArrayList<>();
    LayerFiles.dump(file, ValueDescriber.LENGTH, lines::add);
    assertThat(lines)
        .containsExactly("tombstone " + KeyRange.of(KEY) + " 0/14", KEY + " 0/A image, 8192 bytes");
  }

  @Test
  void verify_ofAGoodFile_findsNothing() throws Exception {
    LayerFileReport report = LayerFiles.verify(file);
    assertThat(report.isIntact()).isTrue();
    assertThat(report.info()).contains(LayerFiles.info(file));
  }

  @Test
  void verify_ofADamagedBlock_saysWhere() throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    bytes[1000] ^= 4;
    Files.write(file, bytes);

    LayerFileReport report = LayerFiles.verify(file);

    assertThat(report.isIntact()).isFalse();
    assertThat(report.problem().orElseThrow())
        .contains("block checksum", "file=" + file, "offset=82");
    assertThat(report.info()).isPresent();
    assertThatThrownBy(() -> LayerFiles.dump(file, ValueDescriber.LENGTH, line -> {}))
        .isInstanceOf(CorruptLayerException.class);
  }

  @Test
  void verify_ofAnythingElse_isAReportToo() throws Exception {
    Files.writeString(
        file, "not a layer at all, but long enough to hold a header and a footer. ".repeat(9));
    assertThat(LayerFiles.verify(file).info()).isEmpty();
    assertThat(LayerFiles.verify(file).isIntact()).isFalse();
    Files.write(file, new byte[0]);
    assertThat(LayerFiles.verify(file).problem().orElseThrow()).contains("file length");
  }

  @Test
  void verify_ofAFileUnderAnotherLayersName_saysSo() throws Exception {
    Path renamed = directory.resolve(name.replace("__0000000000000009.", "__000000000000000A."));
    Files.copy(file, renamed);
    assertThat(LayerFiles.verify(renamed).problem().orElseThrow()).contains("file name", name);
    Path right = Files.copy(file, directory.resolve(name));
    assertThat(LayerFiles.verify(right).isIntact()).isTrue();
  }

  @Test
  void noFile_isAnIoException() {
    assertThatThrownBy(() -> LayerFiles.verify(directory.resolve("missing")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> LayerFiles.info(directory)).isInstanceOf(NoSuchFileException.class);
  }
}
