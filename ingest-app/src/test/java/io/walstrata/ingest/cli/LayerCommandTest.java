package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.LayerRepair;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.RepairPlan;
import io.walstrata.layerstore.io.LocalLayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerCommandTest {
  private static final TimelineId TIMELINE = TimelineId.parse("0a".repeat(16));
  private static final PageKey KEY = PageKey.parse("1663.5.16384.0.7");

  @TempDir Path directory;
  private Path home;

  @BeforeEach
  void writeTwoLayers() throws Exception {
    home = directory.resolve("layers/wal/0");
    try (LayerStore store =
        LayerStore.open(
            new LocalLayerHome(home), directory.resolve("state"), LayerStoreOptions.DEFAULTS)) {
      store.claim();
      store.put(0, TIMELINE, KEY, Lsn.of(0x100), Value.image(new byte[100]));
      store.put(1, TIMELINE, KEY, Lsn.of(0x200), Value.walRecord(new byte[20], false));
      store.freeze(1);
      store.drop(2, TIMELINE, KeyRange.of(KEY), Lsn.of(0x300));
      store.freeze(2);
      store.awaitFlushed();
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> below = Files.walk(home)) {
      return below.filter(file -> file.toString().endsWith(".delta")).sorted().toList();
    }
  }

  private Path file(long end) throws IOException {
    return files().stream()
        .filter(file -> file.toString().endsWith(String.format("%016X.delta", end)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void verify_ofADirectory_checksEveryLayerFile() {
    Cli.Outcome outcome = Cli.run("layer", "verify", directory.resolve("layers").toString());
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.out().lines()).hasSize(3);
    assertThat(outcome.out()).contains("OK  ").endsWith(String.format("2 files, 0 damaged%n"));
  }

  @Test
  void verify_damagedFile_isNamedWithWhatIsWrong() throws IOException {
    Path damaged = file(2);
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 1;
    Files.write(damaged, bytes);
    Cli.Outcome outcome = Cli.run("layer", "verify", home.toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.NO);
    assertThat(outcome.out())
        .contains("DAMAGED  " + damaged + "  corrupt layer: ", "OK  ", "2 files, 1 damaged");
  }

  @Test
  void verify_withNote_leavesDamageToTheNextStart() throws IOException {
    Path damaged = file(2);
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 1;
    Files.write(damaged, bytes);
    LocalLayerHome layers = new LocalLayerHome(home);
    assertThat(LayerRepair.plan(layers)).as("a block is damaged, which opening passes").isEmpty();
    Cli.run("layer", "verify", "--note", home.toString());
    RepairPlan plan = LayerRepair.plan(layers).orElseThrow();
    assertThat(plan.problems()).contains("corrupt layer: ", damaged.toString());
    LayerRepair.apply(layers, plan);
    Cli.Outcome outcome = Cli.run("layer", "verify", home.toString());
    assertThat(outcome.err()).contains("no layer files below");
  }

  @Test
  void verify_withoutLayerFiles_isNotAllWell() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Cli.Outcome outcome = Cli.run("layer", "verify", empty.toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(outcome.err()).contains("no layer files below", empty.toString());
  }

  @Test
  void dump_printsTombstonesAndVersions() throws IOException {
    Cli.Outcome versions = Cli.run("layer", "dump", file(2).toString());
    assertThat(versions.status()).as(versions.err()).isEqualTo(ExitStatus.OK);
    assertThat(versions.out().lines()).hasSize(2);
    assertThat(versions.out())
        .contains(KEY.toString(), "0/100", "image of 100 bytes", "0/200", "record of 20 bytes");
    Cli.Outcome drop = Cli.run("layer", "dump", file(3).toString());
    assertThat(drop.out().lines()).hasSize(1);
    assertThat(drop.out()).contains("0/300");
  }

  @Test
  void info_printsWhatTheFileSaysOfItself() throws IOException {
    Cli.Outcome outcome = Cli.run("layer", "info", file(2).toString());
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.out())
        .contains(
            "timeline        " + TIMELINE,
            "lsns            0/100..0/201",
            "offsets         0-2",
            "versions        2 of 1 keys",
            "value bytes     120");
  }

  @Test
  void info_ofSomethingElse_isDamaged() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "not a layer");
    Cli.Outcome outcome = Cli.run("layer", "info", other.toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.NO);
    assertThat(outcome.err()).contains(other.toString());
  }

  @Test
  void missingFile_isSaidByName() {
    Cli.Outcome outcome = Cli.run("layer", "dump", directory.resolve("none").toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(outcome.err()).contains("no such file", directory.resolve("none").toString());
  }
}
