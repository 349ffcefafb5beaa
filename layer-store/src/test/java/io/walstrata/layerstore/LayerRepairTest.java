package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.HomeClaimedException;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.FaultyHome;
import io.walstrata.layerstore.testkit.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damage of every sort in real files: found, set aside, and built again from the log. */
class LayerRepairTest {
  private static final TimelineId A = new TimelineId(0xA, 1);
  private static final TimelineId B = new TimelineId(0xB, 2);
  private static final TimelineId MARKED = new TimelineId(0xC, 3);
  private static final int FREEZE_EVERY = 10;
  private static final int LOG_END = 47; // offsets 40 to 46 are in no layer

  @TempDir Path directory;
  private Path homeDirectory;
  private LocalLayerHome home;

  @BeforeEach
  void writeLayers() throws Exception {
    homeDirectory = directory.resolve("home");
    home = new LocalLayerHome(homeDirectory);
    replay(5);
  }

  /**
   * The log: what its record at an offset says. A has versions everywhere, B in the second and
   * fourth ten, a third timeline has marks alone; marks run ahead of B's versions.
   */
  private static void put(LayerWriter writer, long offset) throws IOException {
    Lsn lsn = Lsn.of(1000 + 10 * offset);
    PageKey key = PageKey.of(0, 1, 2, 3, 0, (int) (offset % 7));
    switch ((int) (offset % FREEZE_EVERY)) {
      case 7 -> writer.progress(offset, B, lsn);
      case 8 -> writer.progress(offset, MARKED, lsn);
      case 9 -> writer.tombstone(offset, A, KeyRange.of(key), lsn);
      default -> {
        TimelineId timeline = offset / FREEZE_EVERY % 2 == 1 && offset % 2 == 0 ? B : A;
        writer.put(offset, timeline, key, lsn, Value.image(text("value " + offset)));
      }
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private LayerStore open() throws IOException {
    return LayerStore.open(home, directory.resolve("scratch"), LayerStoreOptions.DEFAULTS);
  }

  /** Reads the log from where the layers end, and returns from where on. */
  private long replay(long firstInLog) throws Exception {
    try (LayerStore store = open()) {
      LayerWriter writer = store.claim();
      long from = store.durableOffset().orElse(firstInLog - 1) + 1;
      for (long offset = from; offset < LOG_END; offset++) {
        put(writer, offset);
        if ((offset + 1) % FREEZE_EVERY == 0) {
          writer.freeze(offset);
        }
      }
      writer.awaitFlushed();
      return from;
    }
  }

  /** Everything below the home but its lock, manifest and what was set aside. */
  private Map<String, byte[]> layerFiles() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : home.fileNames()) {
      files.put(name, Files.readAllBytes(homeDirectory.resolve(name)));
    }
    return files;
  }

  private List<String> answers() throws Exception {
    List<String> answers = new ArrayList<>();
    try (LayerStore store = open()) {
      answers.add(store.durableOffset() + " " + store.timelines());
      for (TimelineId timeline : List.of(A, B)) {
        Lsn last =
            store.timelines().stream()
                .filter(info -> info.timeline().equals(timeline))
                .findFirst()
                .orElseThrow()
                .lastLsn();
        for (long lsn = 1000; lsn <= last.value(); lsn += 10) {
          for (int block = 0; block < 7; block++) {
            ReconstructData data =
                store.get(timeline, PageKey.of(0, 1, 2, 3, 0, block), Lsn.of(lsn));
            answers.add(data.status() + " " + data.base() + " " + data.droppedAt());
          }
        }
      }
    }
    return answers;
  }

  private Path layer(long endOffset) throws IOException {
    return layer(A, endOffset);
  }

  private Path layer(TimelineId timeline, long endOffset) throws IOException {
    try (LayerStore store = open()) {
      String name =
          store.layers(timeline).stream()
              .filter(each -> each.endOffset() == endOffset)
              .findFirst()
              .orElseThrow()
              .name();
      return homeDirectory.resolve(timeline.toString()).resolve(name);
    }
  }

  private static void flip(Path file, long position) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) position] ^= 0x10;
    Files.write(file, bytes);
  }

  private static void flipFooter(Path file) throws IOException {
    flip(file, Files.size(file) - 60);
  }

  private LayerPath path(Path layer) {
    return LayerPath.parse(homeDirectory.relativize(layer).toString());
  }

  private RepairPlan repaired() throws IOException {
    RepairPlan plan = LayerRepair.plan(home).orElseThrow();
    LayerRepair.apply(home, plan);
    assertThat(LayerRepair.plan(home)).isEmpty();
    return plan;
  }

  private void assertRebuiltAsItWas(Map<String, byte[]> files, List<String> answers)
      throws Exception {
    assertThat(layerFiles()).containsExactlyEntriesOf(files);
    assertThat(answers()).isEqualTo(answers);
    assertThat(LayerRepair.plan(home)).isEmpty();
  }

  @Test
  void nothingDamaged_noPlan() throws Exception {
    assertThat(LayerRepair.plan(home)).isEmpty();
    assertThat(LayerRepair.plan(new LocalLayerHome(directory.resolve("none")))).isEmpty();
  }

  @Test
  void damagedFooter_layersFromThereOnAreSetAside_andBuiltAgainByteForByte() throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    Path damaged = layer(B, 20);
    flipFooter(damaged);

    assertThatThrownBy(this::open).isInstanceOf(CorruptLayerException.class);
    RepairPlan plan = repaired();

    assertThat(plan.damages()).hasSize(1);
    assertThat(plan.damages().get(0).problem())
        .contains("file=" + damaged, "offset=", "expected=", "actual=");
    assertThat(plan.coveredOffset()).hasValue(39);
    assertThat(plan.keptOffset()).hasValue(9);
    assertThat(plan.firstOffsetNeeded()).isEqualTo(10);
    assertThat(plan.setAside()).hasSize(5).contains(path(damaged));
    Path aside = homeDirectory.resolve("damaged/1");
    assertThat(aside.resolve("why.txt")).content().contains("file=" + damaged, "from offset 10 on");
    assertThat(aside.resolve("manifest")).exists();
    for (LayerPath path : plan.setAside()) {
      assertThat(aside.resolve(path.toString())).exists();
      assertThat(homeDirectory.resolve(path.toString())).doesNotExist();
    }
    assertThat(replay(5)).isEqualTo(10);
    assertRebuiltAsItWas(files, answers);
  }

  @Test
  void marksBeforeTheLayersThatGo_keepTheTimelinesLastLsn() throws Exception {
    flipFooter(layer(B, 20));
    repaired();
    try (LayerStore store = open()) {
      Map<TimelineId, Lsn> lasts = new TreeMap<>();
      store.timelines().forEach(each -> lasts.put(each.timeline(), each.lastLsn()));
      assertThat(lasts.get(A)).isEqualTo(Lsn.of(1000 + 10 * 9));
      // B had no layer by then, but a mark.
      assertThat(lasts.get(B)).isEqualTo(Lsn.of(1000 + 10 * 7));
      assertThat(store.layers(B)).isEmpty();
      // What its own layers do not bring back is not forgotten.
      assertThat(lasts.get(MARKED)).isEqualTo(Lsn.of(1000 + 10 * 38));
    }
  }

  @Test
  void missingLayer_isBuiltAgain() throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    Files.delete(layer(40));
    RepairPlan plan = repaired();
    assertThat(plan.problems()).contains("named by the manifest", "missing");
    assertThat(replay(5)).isEqualTo(30);
    assertRebuiltAsItWas(files, answers);
  }

  @Test
  void wholeTimelineMissing_isBuiltAgain() throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    try (Stream<Path> rest = Files.list(homeDirectory.resolve(B.toString()))) {
      for (Path file : rest.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(homeDirectory.resolve(B.toString()));
    assertThat(repaired().damages()).hasSize(2);
    assertThat(replay(5)).isEqualTo(10);
    assertRebuiltAsItWas(files, answers);
  }

  @Test
  void firstLayerDamaged_needsTheLogFromWhereItBegan() throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    Path damaged = layer(10);
    Files.write(damaged, new byte[0]);
    RepairPlan plan = repaired();
    assertThat(plan.keptOffset()).hasValue(4);
    assertThat(plan.firstOffsetNeeded()).isEqualTo(5);
    assertThat(plan.setAside()).hasSize(files.size());
    assertThat(replay(5)).isEqualTo(5);
    assertRebuiltAsItWas(files, answers);
  }

  @Test
  void damagedBlock_isNotedByTheReadThatMeetsIt_andRepairedThen() throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    Path damaged = layer(30);
    flip(damaged, 100);
    assertThat(LayerRepair.plan(home)).as("no read has reached the block").isEmpty();
    try (LayerStore store = open()) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(
                () -> store.get(A, PageKey.of(0, 1, 2, 3, 0, 21 % 7), Lsn.of(1000 + 10 * 24)))
            .isInstanceOf(CorruptLayerException.class)
            .hasMessageContainingAll("file=" + damaged, "offset=", "expected=", "actual=");
      }
      assertThat(store.damages()).hasSize(1);
      // What does not need the block is answered.
      assertThat(store.get(A, PageKey.of(0, 1, 2, 3, 0, 1), Lsn.of(1000 + 10)).status())
          .isNotNull();
    }
    RepairPlan plan = repaired();
    assertThat(plan.problems()).contains("block checksum", "file=" + damaged);
    assertThat(homeDirectory.resolve("damaged/1").resolve(plan.setAside().get(0).toString()))
        .exists();
    assertThat(replay(5)).isEqualTo(20);
    assertRebuiltAsItWas(files, answers);
  }

  @Test
  void noteByHand_isRepaired() throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    LayerFiles.noteDamage(layer(30), "found by a check");
    assertThat(repaired().problems()).isEqualTo("found by a check");
    assertThat(replay(5)).isEqualTo(20);
    assertRebuiltAsItWas(files, answers);
  }

  @Test
  void unknownVersion_isNoDamage_whateverElseIsWrong() throws Exception {
    Path newer = layer(30);
    Path last = layer(40);
    FormatVersions.setLayer(newer, 2);
    assertRefusedUnchanged(newer);

    // A note knows nothing of it, other damage is no reason, nor is a manifest that is gone.
    LayerFiles.noteDamage(newer, "checked by a program that does not know better");
    assertRefusedUnchanged(newer);
    flipFooter(last);
    assertRefusedUnchanged(newer);
    Files.delete(homeDirectory.resolve("manifest"));
    assertRefusedUnchanged(newer);
  }

  @Test
  void manifestOfAnUnknownVersion_isNoDamage() throws Exception {
    Path manifest = homeDirectory.resolve("manifest");
    FormatVersions.setManifest(manifest, 2);
    assertRefusedUnchanged(manifest);
  }

  private void assertRefusedUnchanged(Path newer) throws IOException {
    Map<String, byte[]> files = layerFiles();
    assertThatThrownBy(() -> LayerRepair.plan(home))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContainingAll("file=" + newer, "version=2", "newestReadable=1");
    assertThat(layerFiles()).hasSameSizeAs(files);
    assertThat(homeDirectory.resolve("damaged")).doesNotExist();
  }

  @Test
  void damagedManifest_setsEverythingAside_andNeedsTheWholeLog() throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    flip(homeDirectory.resolve("manifest"), 30);
    RepairPlan plan = repaired();
    assertThat(plan.problems()).contains("file=" + homeDirectory.resolve("manifest"), "checksum");
    assertThat(plan.coveredOffset()).hasValue(39);
    assertThat(plan.firstOffsetNeeded()).isZero();
    assertThat(plan.setAside()).hasSameSizeAs(files.keySet());
    assertThat(homeDirectory.resolve("damaged/1/manifest")).exists();
    assertThat(replay(5)).isEqualTo(5);
    assertRebuiltAsItWas(files, answers);
  }

  /** What is left must not be taken for all there was. */
  @Test
  void lostManifest_withTheOldestLayersLostToo_needsTheWholeLog() throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    for (Path oldest : List.of(layer(10), layer(20), layer(B, 20))) {
      Files.delete(oldest);
    }
    Files.delete(homeDirectory.resolve("manifest"));
    RepairPlan plan = repaired();
    assertThat(plan.firstOffsetNeeded()).isZero();
    assertThat(plan.keptOffset()).isEmpty();
    assertThat(plan.coveredOffset()).hasValue(39);
    assertThat(plan.problems()).contains("it is unknown where its history began");
    assertThat(replay(5)).isEqualTo(5);
    assertRebuiltAsItWas(files, answers);
  }

  @Test
  void repairTwice_keepsBothDirectories() throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    for (int i = 1; i <= 2; i++) {
      flipFooter(layer(40));
      repaired();
      replay(5);
      assertThat(homeDirectory.resolve("damaged/" + i + "/why.txt")).exists();
    }
    assertRebuiltAsItWas(files, answers);
  }

  @Test
  void claimedHome_isNotTouched() throws Exception {
    Path damaged = layer(40);
    try (LayerStore owner = open()) {
      owner.claim();
      flipFooter(damaged);
      RepairPlan plan = LayerRepair.plan(home).orElseThrow();
      assertThatThrownBy(() -> LayerRepair.apply(new LocalLayerHome(homeDirectory), plan))
          .isInstanceOf(HomeClaimedException.class);
    }
    assertThat(damaged).exists();
    assertThat(homeDirectory.resolve("damaged")).doesNotExist();
  }

  @Test
  void otherDamageThanPlanned_isNotTouched() throws Exception {
    Path second = layer(20);
    flipFooter(layer(40));
    RepairPlan plan = LayerRepair.plan(home).orElseThrow();
    flipFooter(second);
    assertThatThrownBy(() -> LayerRepair.apply(home, plan)).hasMessageContaining("plan again");
    assertThat(homeDirectory.resolve("damaged")).doesNotExist();
  }

  /** Whatever is damaged, and wherever a repair stops, the log brings the same layers back. */
  @ParameterizedTest
  @MethodSource("seeds")
  void repairThatFailsAtAnyStep_isRepairedByTheNext(long seed) throws Exception {
    Map<String, byte[]> files = layerFiles();
    List<String> answers = answers();
    Random random = new Random(seed);
    List<String> names = List.copyOf(files.keySet());
    for (int stop = 0; stop < 10; stop++) {
      damage(names.get(random.nextInt(names.size())), random);
      FaultyHome faulty = new FaultyHome(home);
      int failing = stop;
      faulty.failAt(step -> step == failing);
      RepairPlan plan = LayerRepair.plan(faulty).orElseThrow();
      OptionalLong kept = plan.keptOffset();
      try {
        LayerRepair.apply(faulty, plan);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("injected");
        Optional<RepairPlan> again = LayerRepair.plan(home);
        if (again.isPresent()) {
          assertThat(again.get().firstOffsetNeeded())
              .as("needed of the log")
              .isLessThanOrEqualTo(plan.firstOffsetNeeded());
          kept = repaired().keptOffset();
        }
      }
      try (LayerStore store = open()) {
        assertThat(store.durableOffset()).isEqualTo(kept);
      }
      replay(5);
      assertThat(layerFiles()).as(Seeds.replay(seed)).containsExactlyEntriesOf(files);
      assertThat(answers()).as(Seeds.replay(seed)).isEqualTo(answers);
    }
  }

  static LongStream seeds() {
    return Seeds.seeds(4);
  }

  private void damage(String name, Random random) throws IOException {
    Path file = homeDirectory.resolve(name);
    switch (random.nextInt(5)) {
      case 0 -> Files.delete(homeDirectory.resolve("manifest"));
      case 1 -> flip(homeDirectory.resolve("manifest"), random.nextInt(100));
      case 2 -> flipFooter(file);
      case 3 -> Files.delete(file);
      default -> LayerFiles.noteDamage(file, "noted");
    }
  }
}
