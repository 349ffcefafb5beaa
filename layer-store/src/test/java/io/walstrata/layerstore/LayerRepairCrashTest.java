package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.Fault;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.Step;
import io.walstrata.layerstore.testkit.faultfs.Survival;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A repair is stopped at each of its I/O steps in turn; then the power goes, and takes what was not
 * made durable. No file is lost, and the next repair and the log bring all layers back.
 */
@Timeout(300)
class LayerRepairCrashTest {
  private static final int LOG_END = 12;

  /** What is done to the home's files. */
  enum Harm {
    DAMAGED_LAYER,
    DAMAGED_MANIFEST,
    LOST_MANIFEST
  }

  private DiskImage whole;
  private Map<String, byte[]> layers;

  @BeforeEach
  void writeLayers() throws Exception {
    Disk disk = new Disk(DiskImage.EMPTY);
    FaultFileSystem files = disk.start();
    replay(files);
    layers = layers(files);
    assertThat(layers).hasSize(6);
    whole = disk.image(Survival.everything());
  }

  private static Path homeDirectory(FaultFileSystem files) {
    return files.getPath("/layers/topic/0");
  }

  private static LocalLayerHome home(FaultFileSystem files) {
    return new LocalLayerHome(homeDirectory(files));
  }

  private static void replay(FaultFileSystem files) throws Exception {
    try (LayerStore store =
        LayerStore.open(
            home(files),
            files.getPath("/task"),
            LayerStoreOptions.DEFAULTS.withWriteBufferBytes(4096))) {
      LayerWriter writer = store.claim();
      for (long offset = store.durableOffset().orElse(-1) + 1; offset < LOG_END; offset++) {
        TimelineId timeline = new TimelineId(offset % 2, 1);
        PageKey key = PageKey.of(0, 1, 2, 3, 0, (int) offset % 3);
        writer.put(
            offset, timeline, key, Lsn.of(100 + offset), Value.image(new byte[] {(byte) offset}));
        if (offset % 4 == 3) {
          writer.freeze(offset);
          writer.awaitFlushed();
        }
      }
    }
  }

  private static Map<String, byte[]> layers(FaultFileSystem files) throws IOException {
    Map<String, byte[]> layers = new TreeMap<>();
    for (String name : home(files).fileNames()) {
      layers.put(name, Files.readAllBytes(homeDirectory(files).resolve(name)));
    }
    return layers;
  }

  private DiskImage harmed(Harm harm) throws IOException {
    Disk disk = new Disk(whole);
    FaultFileSystem files = disk.start();
    Path manifest = homeDirectory(files).resolve("manifest");
    switch (harm) {
      case DAMAGED_LAYER -> flip(homeDirectory(files).resolve(List.copyOf(layers.keySet()).get(1)));
      case DAMAGED_MANIFEST -> flip(manifest);
      case LOST_MANIFEST -> Files.delete(manifest);
    }
    return disk.image(Survival.everything());
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 50] ^= 4;
    Files.write(file, bytes);
  }

  private static List<byte[]> contents(FaultFileSystem files) throws IOException {
    List<byte[]> contents = new ArrayList<>();
    try (Stream<Path> below = Files.walk(homeDirectory(files))) {
      for (Path file : below.filter(each -> each.toString().endsWith(".delta")).toList()) {
        contents.add(Files.readAllBytes(file));
      }
    }
    return contents;
  }

  @ParameterizedTest
  @EnumSource
  void powerLoss_atAnyStep_losesNoFile_andTheNextRepairContinues(Harm harm) throws Exception {
    DiskImage harmed = harmed(harm);
    FaultFileSystem dry = new Disk(harmed).start();
    List<byte[]> before = contents(dry);
    RepairPlan plan = LayerRepair.plan(home(dry)).orElseThrow();
    LayerRepair.apply(home(dry), plan);
    List<Step> steps = dry.steps().stream().filter(step -> step.kind().changes()).toList();
    assertThat(steps).hasSizeGreaterThan(10);
    for (Step step : steps) {
      Disk disk = new Disk(harmed);
      FaultFileSystem files = disk.start();
      files.plan(at -> at.number() == step.number() ? Fault.stop() : null);
      try {
        LayerRepair.apply(home(files), LayerRepair.plan(home(files)).orElseThrow());
      } catch (IOException e) {
        assertThat(files.isStopped()).isTrue();
      }
      for (Survival survival :
          List.of(Survival.nothing(), Survival.everything(), Survival.random(step.number()))) {
        check(step + " " + harm, disk.image(survival), before, plan);
      }
    }
  }

  private void check(String what, DiskImage image, List<byte[]> before, RepairPlan plan)
      throws Exception {
    FaultFileSystem files = new Disk(image).start();
    List<byte[]> left = contents(files);
    for (byte[] file : before) {
      assertThat(left).as(what).anyMatch(each -> Arrays.equals(each, file));
    }
    Optional<RepairPlan> again = LayerRepair.plan(home(files));
    if (again.isPresent()) {
      assertThat(again.get().firstOffsetNeeded())
          .as(what)
          .isLessThanOrEqualTo(plan.firstOffsetNeeded());
      LayerRepair.apply(home(files), again.get());
      assertThat(contents(files)).as(what).hasSizeGreaterThanOrEqualTo(before.size());
    }
    try (LayerStore store =
        LayerStore.open(home(files), files.getPath("/scratch"), LayerStoreOptions.DEFAULTS)) {
      assertThat(store.durableOffset().orElse(-1) + 1)
          .as(what)
          .isLessThanOrEqualTo(plan.firstOffsetNeeded());
    }
    replay(files);
    Map<String, byte[]> rebuilt = layers(files);
    assertThat(rebuilt.keySet()).as(what).isEqualTo(layers.keySet());
    rebuilt.forEach(
        (name, bytes) -> assertThat(bytes).as(what + " " + name).isEqualTo(layers.get(name)));
  }
}
