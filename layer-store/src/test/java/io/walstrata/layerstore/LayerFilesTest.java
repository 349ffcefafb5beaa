package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueDescriber;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
      LayerWriter writer = store.claim();
      writer.put(7, TIMELINE, KEY, Lsn.of(10), Value.image(new byte[8192]));
      writer.tombstone(8, TIMELINE, KeyRange.of(KEY), Lsn.of(20));
      writer.freeze(8);
      writer.awaitFlushed();
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
        .containsExactly(
            "tombstone 1663.5.16384.0.7 (000000067F00000005000040000000000007) -"
                + " 1663.5.16384.0.8 (000000067F00000005000040000000000008) 0/14",
            "1663.5.16384.0.7 (000000067F00000005000040000000000007) 0/A image, 8192 bytes");
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
    LayerFileReport report = LayerFiles.verify(file);
    assertThat(report.info()).isEmpty();
    assertThat(report.isIntact()).isFalse();
    assertThat(report.verdict()).isEqualTo(FileVerdict.NOT_A_LAYER);
    assertThat(report.problem()).contains("not a layer file");
    Files.write(file, new byte[0]);
    assertThat(LayerFiles.verify(file).verdict()).isEqualTo(FileVerdict.NOT_A_LAYER);
  }

  @Test
  void verify_ofWhatIsNamedLikeALayer_orBeginsOrEndsLikeOne_isDamage() throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    Path named = directory.resolve(name);
    for (byte[] content : List.of(new byte[0], new byte[500])) {
      assertThat(LayerFiles.verify(Files.write(named, content)).verdict())
          .isEqualTo(FileVerdict.DAMAGED);
    }
    byte[] cut = Arrays.copyOf(bytes, bytes.length / 2);
    assertThat(LayerFiles.verify(Files.write(file, cut)).verdict()).isEqualTo(FileVerdict.DAMAGED);
    bytes[3] ^= 1;
    assertThat(LayerFiles.verify(Files.write(file, bytes)).verdict())
        .isEqualTo(FileVerdict.DAMAGED);
  }

  @Test
  void verify_inAnotherTimelinesDirectory_saysSo() throws Exception {
    Path other = Files.createDirectories(directory.resolve("0b".repeat(16)));
    LayerFileReport report = LayerFiles.verify(Files.copy(file, other.resolve(name)));
    assertThat(report.verdict()).isEqualTo(FileVerdict.DAMAGED);
    assertThat(report.problem().orElseThrow())
        .contains("timeline of the directory", TIMELINE.toString(), "0b0b");
  }

  @Test
  void visit_ofAKeyOrLsns_givesThoseAlone_andStopsWhenToldTo() throws Exception {
    Path home = directory.resolve("wide");
    try (LayerStore store =
        LayerStore.open(
            new LocalLayerHome(home), directory.resolve("e"), LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      for (int i = 0; i < 3000; i++) {
        PageKey key = PageKey.of(0, 1663, 5, 16384, 0, i % 100);
        writer.put(i, TIMELINE, key, Lsn.of(100 + i), Value.image(new byte[100]));
      }
      writer.tombstone(3000, TIMELINE, KeyRange.of(KEY), Lsn.of(5000));
      writer.freeze(3000);
      writer.awaitFlushed();
      name = store.layers(TIMELINE).get(0).name();
    }
    Path layer = home.resolve(TIMELINE.toString()).resolve(name);
    assertThat(LayerFiles.info(layer).blocks()).isGreaterThan(10);
    LayerFileFilter all = LayerFileFilter.ALL;

    List<String> ofKey =
        visit(layer, new LayerFileFilter(KeyRange.of(KEY), all.fromLsn(), all.toLsn()), 99);
    assertThat(ofKey).hasSize(31).first().asString().startsWith("tombstone");
    assertThat(ofKey.subList(1, 31)).allMatch(line -> line.startsWith(KEY.toString()));
    assertThat(visit(layer, new LayerFileFilter(KeyRange.of(KEY), Lsn.of(107), Lsn.of(207)), 99))
        .containsExactly(KEY + " " + Lsn.of(107), KEY + " " + Lsn.of(207));
    assertThat(visit(layer, new LayerFileFilter(KeyRange.ALL, Lsn.of(150), Lsn.of(159)), 99))
        .hasSize(10);
    assertThat(visit(layer, all, 5)).hasSize(5);
    PageKey absent = PageKey.of(0, 1663, 5, 16385, 0, 0);
    assertThat(
            visit(layer, new LayerFileFilter(KeyRange.of(absent), all.fromLsn(), all.toLsn()), 9))
        .isEmpty();
  }

  private static List<String> visit(Path layer, LayerFileFilter filter, int limit)
      throws Exception {
    List<String> found = new ArrayList<>();
    LayerFiles.visit(
        layer,
        filter,
        new LayerFileVisitor() {
          @Override
          public boolean tombstone(Tombstone tombstone) {
            found.add("tombstone " + tombstone.lsn());
            return found.size() < limit;
          }

          @Override
          public boolean version(PageKey key, Lsn lsn, Value value) {
            found.add(key + " " + lsn);
            return found.size() < limit;
          }
        });
    return found;
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
