package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Homes and folders checked as a whole. */
class LayerTreeTest {
  private static final TimelineId A = new TimelineId(1, 2);
  private static final TimelineId B = new TimelineId(3, 4);

  @TempDir Path directory;
  private Path topic;
  private Path home;

  @BeforeEach
  void writeTwoHomes() throws Exception {
    topic = directory.resolve("layers/wal");
    home = write("0");
    write("1");
  }

  /** Three freeze points of two timelines, with a tombstone in the last. */
  private Path write(String partition) throws Exception {
    Path written = topic.resolve(partition);
    try (LayerStore store =
        LayerStore.open(
            new LocalLayerHome(written), directory.resolve("e"), LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      for (int offset = 0; offset < 12; offset++) {
        PageKey key = PageKey.of(0, 1, 2, 3, 0, offset);
        TimelineId timeline = offset % 2 == 0 ? A : B;
        writer.put(offset, timeline, key, Lsn.of(100 + offset), Value.image(new byte[50]));
        if (offset == 10) {
          writer.tombstone(offset, A, KeyRange.of(key), Lsn.of(500));
        }
        if (offset % 4 == 3) {
          writer.freeze(offset);
        }
      }
      writer.awaitFlushed();
    }
    return written;
  }

  private List<Path> layers(Path below) throws IOException {
    try (Stream<Path> all = Files.walk(below)) {
      return all.filter(file -> file.toString().endsWith(".delta"))
          .sorted(Comparator.comparing(Path::toString))
          .toList();
    }
  }

  /** Returns what is not intact, and checks that looking has changed nothing. */
  private List<LayerFileReport> odd(Path path) throws IOException {
    Map<String, Object> before = content();
    List<LayerFileReport> all = new ArrayList<>();
    assertThat(LayerTree.verify(path, all::add)).isTrue();
    assertThat(content()).isEqualTo(before);
    return all.stream().filter(report -> !report.isIntact()).toList();
  }

  private Map<String, Object> content() throws IOException {
    Map<String, Object> content = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.toList()) {
        content.put(
            each.toString(),
            Files.isRegularFile(each) ? ByteBuffer.wrap(Files.readAllBytes(each)) : "");
      }
    }
    return content;
  }

  private LayerFileReport onlyOdd(Path path) throws IOException {
    List<LayerFileReport> odd = odd(path);
    assertThat(odd).hasSize(1);
    return odd.get(0);
  }

  private void assertDamaged(Path file, String problem) throws IOException {
    for (Path path : List.of(home, topic, directory)) {
      LayerFileReport report = onlyOdd(path);
      assertThat(report.verdict()).isEqualTo(FileVerdict.DAMAGED);
      assertThat(report.file()).isEqualTo(file);
      assertThat(report.problem().orElseThrow()).contains(problem);
    }
  }

  @Test
  void wholeHomes_areIntact_fromAnyDirectoryAbove() throws Exception {
    for (Path path : List.of(home, topic, directory)) {
      List<LayerFileReport> all = new ArrayList<>();
      assertThat(LayerTree.verify(path, all::add)).isTrue();
      assertThat(all).hasSize(path.equals(home) ? 6 : 12);
      assertThat(all).allMatch(LayerFileReport::isIntact).allMatch(LayerFileReport::isNamed);
    }
  }

  @Test
  void flippedManifest_isDamage_whereverTheBit() throws Exception {
    Path manifest = home.resolve("manifest");
    byte[] right = Files.readAllBytes(manifest);
    for (int at = 0; at < right.length; at += 7) {
      byte[] bytes = right.clone();
      bytes[at] ^= 0x10;
      Files.write(manifest, bytes);
      assertDamaged(manifest, "file=" + manifest);
    }
    Files.write(manifest, new byte[0]);
    assertDamaged(manifest, "missing or empty");
  }

  @Test
  void missingManifest_isDamage() throws Exception {
    Files.delete(home.resolve("manifest"));
    assertDamaged(home.resolve("manifest"), "missing");
  }

  @Test
  void missingLayer_isDamage() throws Exception {
    Path gone = layers(home).get(2);
    Files.delete(gone);
    assertDamaged(gone, "the manifest names it");
  }

  @Test
  void missingTimeline_isDamageOfEachOfItsLayers() throws Exception {
    for (Path each : layers(home.resolve(A.toString()))) {
      Files.delete(each);
    }
    Files.delete(home.resolve(A.toString()));
    assertThat(odd(home)).hasSize(3).allMatch(report -> report.verdict() == FileVerdict.DAMAGED);
  }

  @Test
  void fileUnderAnotherLayersName_isDamage() throws Exception {
    List<Path> layers = layers(home.resolve(A.toString()));
    Files.copy(layers.get(0), layers.get(1), StandardCopyOption.REPLACE_EXISTING);
    assertDamaged(layers.get(1), "file name");
  }

  /** The other partition's layer has the same name, and is not the one that the manifest means. */
  @Test
  void fileOfAnotherHome_isDamage() throws Exception {
    Path mine = layers(home).get(0);
    Path other = directory.resolve("other");
    try (LayerStore store =
        LayerStore.open(
            new LocalLayerHome(other), directory.resolve("e"), LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      for (int offset = 0; offset < 4; offset++) {
        PageKey key = PageKey.of(0, 1, 2, 3, 0, offset);
        TimelineId timeline = offset % 2 == 0 ? A : B;
        writer.put(offset, timeline, key, Lsn.of(100 + offset), Value.image(new byte[51]));
      }
      writer.freeze(3);
      writer.awaitFlushed();
    }
    Path theirs = other.resolve(home.relativize(mine));
    Files.copy(theirs, mine, StandardCopyOption.REPLACE_EXISTING);
    for (Path path : List.of(home, topic, mine)) {
      LayerFileReport report = onlyOdd(path);
      assertThat(report.verdict()).isEqualTo(FileVerdict.DAMAGED);
      assertThat(report.problem().orElseThrow())
          .contains("named by the manifest", "sizeBytes=", "digest=")
          .doesNotContain("startOffset=");
    }
  }

  @Test
  void unknownVersions_areNoDamage() throws Exception {
    Path newer = layers(home).get(1);
    FormatVersions.setLayer(newer, 9);
    LayerFileReport report = onlyOdd(home);
    assertThat(report.verdict()).isEqualTo(FileVerdict.UNKNOWN_VERSION);
    assertThat(report.file()).isEqualTo(newer);
    assertThat(report.problem().orElseThrow()).contains("version=9", "newestReadable=1");
  }

  @Test
  void manifestOfAnUnknownVersion_isNoDamage_andItsFilesAreCheckedAlone() throws Exception {
    FormatVersions.setManifest(home.resolve("manifest"), 9);
    LayerFileReport report = onlyOdd(home);
    assertThat(report.verdict()).isEqualTo(FileVerdict.UNKNOWN_VERSION);
    byte[] bytes = Files.readAllBytes(layers(home).get(0));
    bytes[100] ^= 1;
    Files.write(layers(home).get(0), bytes);
    assertThat(odd(home)).hasSize(2);
  }

  @Test
  void whatNothingReads_isNoted() throws Exception {
    Path first = layers(home).get(0);
    Path timeline = first.resolveSibling(".").normalize();
    String name = String.valueOf(first.getFileName());
    Files.copy(first, timeline.resolve(name.replace(".delta", "").substring(0, 80) + "__x"));
    Path orphan =
        Files.copy(
            first,
            timeline.resolve(name.substring(0, name.length() - 22) + "00000000000000FF.delta"));
    Path temp = Files.writeString(timeline.resolve(name + ".temp"), "half");
    Path note = Files.writeString(timeline.resolve(name + ".damage"), "seen by a read\n");
    Path manifest = Files.writeString(home.resolve("manifest.temp"), "half");
    Path foreign = Files.writeString(home.resolve("notes.txt"), "mine");
    List<LayerFileReport> odd = odd(home);
    assertThat(odd).allMatch(report -> report.verdict() == FileVerdict.UNUSED);
    assertThat(odd)
        .extracting(LayerFileReport::file)
        .contains(orphan, temp, note, manifest, foreign);
    assertThat(odd).hasSize(6);
    assertThat(odd.toString()).contains("seen by a read");
  }

  @Test
  void setAside_isUnderstood() throws Exception {
    Path broken = layers(home).get(1);
    byte[] bytes = Files.readAllBytes(broken);
    bytes[bytes.length - 20] ^= 1;
    Files.write(broken, bytes);
    LocalLayerHome layers = new LocalLayerHome(home);
    LayerRepair.apply(layers, LayerRepair.plan(layers).orElseThrow());

    assertThat(onlyOdd(home).verdict()).isEqualTo(FileVerdict.UNUSED);
    assertThat(onlyOdd(home).file()).isEqualTo(home.resolve("damaged/1"));
    // Asked for by name it is a folder of files, of which the copied manifest promises nothing.
    for (String place : List.of("damaged", "damaged/1")) {
      assertThat(onlyOdd(home.resolve(place)).verdict()).isEqualTo(FileVerdict.DAMAGED);
      assertThat(onlyOdd(home.resolve(place)).isNamed()).isFalse();
    }
    // With the manifest gone and nothing but that left, the home is not empty but damaged.
    Files.delete(home.resolve("manifest"));
    for (Path each : layers(home)) {
      if (!each.toString().contains("damaged")) {
        Files.delete(each);
      }
    }
    assertThat(onlyOdd(home).problem().orElseThrow()).contains("set aside");
  }

  @Test
  void manifestThatContradictsItself_isDamage() throws Exception {
    Path manifest = home.resolve("manifest");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(manifest));
    bytes.putLong(28, 3); // durable offset, of 11
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, bytes.capacity() - 4);
    bytes.putInt(bytes.capacity() - 4, (int) crc.getValue());
    Files.write(manifest, bytes.array());
    assertThat(onlyOdd(home).file()).isEqualTo(manifest);
    assertThat(onlyOdd(home).verdict()).isEqualTo(FileVerdict.DAMAGED);
    assertThat(onlyOdd(home).problem().orElseThrow()).contains("last offset");
  }

  /** The job replaces the manifest, and then deletes what it named before. */
  @Test
  void fileThatVanishesBecauseItWasReplaced_isNoDamage() throws Exception {
    Path gone = layers(home).get(5);
    byte[] bytes = Files.readAllBytes(gone);
    bytes[bytes.length - 20] ^= 1;
    Files.write(gone, bytes);
    LocalLayerHome layers = new LocalLayerHome(home);
    RepairPlan plan = LayerRepair.plan(layers).orElseThrow();
    byte[] before = Files.readAllBytes(home.resolve("manifest"));

    List<LayerFileReport> all = new ArrayList<>();
    LayerTree.verify(
        home,
        report -> {
          if (all.isEmpty()) {
            // Between the first file and the others.
            try {
              LayerRepair.apply(layers, plan);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          }
          all.add(report);
        });
    assertThat(home.resolve("manifest")).isNotEmptyFile();
    assertThat(Files.readAllBytes(home.resolve("manifest"))).isNotEqualTo(before);
    assertThat(plan.setAside()).isNotEmpty();
    assertThat(all).noneMatch(report -> report.verdict() == FileVerdict.DAMAGED);
  }

  @Test
  void folderOfFiles_isCheckedFileByFile() throws Exception {
    Path folder = Files.createDirectories(directory.resolve("folder/deep"));
    for (Path each : layers(home)) {
      Files.copy(
          each,
          folder.resolve(String.valueOf(each.getFileName())),
          StandardCopyOption.REPLACE_EXISTING);
    }
    List<LayerFileReport> all = new ArrayList<>();
    assertThat(LayerTree.verify(folder.resolve(".."), all::add)).isTrue();
    assertThat(all).isNotEmpty().allMatch(LayerFileReport::isIntact);
    assertThat(all).noneMatch(LayerFileReport::isNamed);
  }

  @Test
  void whatCannotBeRead_isReported_andTheRestIsChecked() throws Exception {
    Path manifest = home.resolve("manifest");
    Files.delete(manifest);
    Files.createDirectory(manifest);
    List<LayerFileReport> all = new ArrayList<>();
    LayerTree.verify(topic, all::add);
    assertThat(all).filteredOn(LayerFileReport::isIntact).hasSize(12);
    assertThat(all)
        .filteredOn(report -> report.verdict() == FileVerdict.UNREADABLE)
        .extracting(LayerFileReport::file)
        .containsExactly(manifest);
  }

  @Test
  void manifest_byItsName_isCheckedAlone_andAnotherProgramsIsNone() throws Exception {
    Path manifest = home.resolve("manifest");
    Files.delete(layers(home).get(0));
    List<LayerFileReport> all = new ArrayList<>();
    LayerTree.verify(manifest, all::add);
    assertThat(all).hasSize(1).allMatch(LayerFileReport::isIntact);
    byte[] bytes = Files.readAllBytes(manifest);
    bytes[0] ^= 1;
    Files.write(manifest, bytes);
    assertThat(onlyOdd(manifest).verdict()).isEqualTo(FileVerdict.DAMAGED);

    Path other = Files.createDirectory(directory.resolve("else")).resolve("manifest");
    Files.writeString(other, "Manifest-Version: 1.0\n");
    assertThat(onlyOdd(other).verdict()).isEqualTo(FileVerdict.NOT_A_LAYER);
    assertThat(LayerTree.verify(directory.resolve("else"), all::add)).isFalse();
  }

  @Test
  void emptyDirectory_hasNothing() throws Exception {
    Path empty = Files.createDirectories(directory.resolve("empty/below"));
    Files.writeString(empty.resolve("lock"), "");
    List<LayerFileReport> all = new ArrayList<>();
    assertThat(LayerTree.verify(empty, all::add)).isFalse();
    assertThat(all).isEmpty();
  }

  @Test
  void links_areFollowed_andLoopsEnd() throws Exception {
    Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
    Files.createSymbolicLink(elsewhere.resolve("7"), home);
    Files.createSymbolicLink(elsewhere.resolve("loop"), elsewhere);
    List<LayerFileReport> all = new ArrayList<>();
    LayerTree.verify(elsewhere, all::add);
    assertThat(all).hasSize(6).allMatch(LayerFileReport::isIntact);
  }

  @Test
  void files_ofAHome_areThoseOfItsManifest_oldestFirst() throws Exception {
    Path first = layers(home).get(0);
    Files.copy(first, first.resolveSibling(first.getFileName().toString().substring(1)));
    List<LayerFileReport> troubles = new ArrayList<>();
    List<Path> files = LayerTree.files(home, troubles::add);
    assertThat(files).hasSize(6);
    assertThat(files.get(0).toString()).contains(A.toString()).endsWith("04.delta");
    assertThat(files.get(2).toString()).endsWith("0C.delta");
    assertThat(troubles).isEmpty();
    assertThat(LayerTree.files(directory, troubles::add)).hasSize(12);

    Files.delete(home.resolve("manifest"));
    assertThat(LayerTree.files(home, troubles::add)).hasSize(7);
    assertThat(troubles).hasSize(1);
  }
}
