package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.ingest.FormatVersions;
import io.walstrata.layerstore.LayerRepair;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.RepairPlan;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
            LayerHomes.partition(home), directory.resolve("state"), LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      writer.put(0, TIMELINE, KEY, Lsn.of(0x100), Value.image(new byte[100]));
      writer.put(1, TIMELINE, KEY, Lsn.of(0x200), Value.walRecord(new byte[20], false));
      writer.freeze(1);
      writer.tombstone(2, TIMELINE, KeyRange.of(KEY), Lsn.of(0x300));
      writer.freeze(2);
      writer.awaitFlushed();
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
    LayerHome layers = LayerHomes.partition(home);
    assertThat(LayerRepair.plan(layers)).as("a block is damaged, which opening passes").isEmpty();
    Cli.run("layer", "verify", "--note", home.toString());
    RepairPlan plan = LayerRepair.plan(layers).orElseThrow();
    assertThat(plan.problems()).contains("corrupt layer: ", damaged.toString());
    String place = LayerRepair.apply(layers, plan);
    Cli.Outcome outcome = Cli.run("layer", "verify", home.toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
    assertThat(outcome.out())
        .contains("NOTE     " + place + "  set aside because of damage", "0 files, 0 damaged");
    assertThat(Cli.run("layer", "verify", place).status()).isEqualTo(ExitStatus.NO);
  }

  private static void flip(Path file, int fromEnd) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - fromEnd] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void unknownVersion_hasAStatusOfItsOwn_andGetsNoNote() throws IOException {
    FormatVersions.setLayer(file(2), 2);
    for (String path : List.of(home.toString(), file(2).toString(), directory.toString())) {
      Cli.Outcome verify = Cli.run("layer", "verify", "--note", path);
      assertThat(verify.status()).isEqualTo(ExitStatus.UNKNOWN_VERSION);
      assertThat(verify.out())
          .contains("UNKNOWN VERSION  ", "version=2", "newestReadable=1", "0 damaged, 1 of unknown")
          .doesNotContain("DAMAGED");
      for (String command : List.of("info", "dump")) {
        Cli.Outcome outcome = Cli.run("layer", command, path);
        assertThat(outcome.status()).isEqualTo(ExitStatus.UNKNOWN_VERSION);
        assertThat(outcome.err()).contains("version=2", "newestReadable=1");
      }
    }
    assertThat(LayerHomes.partition(home).list()).hasSize(2);
    assertThat(LayerHomes.partition(home).damaged()).isEmpty();
    // What is damaged counts for more.
    flip(file(3), 20);
    assertThat(Cli.run("layer", "verify", home.toString()).status()).isEqualTo(ExitStatus.NO);
  }

  @Test
  void verify_ofAHome_findsWhatItsFilesAloneDoNotTell() throws IOException {
    Path manifest = home.resolve("manifest");
    byte[] right = Files.readAllBytes(manifest);
    flip(manifest, 30);
    Cli.Outcome flipped = Cli.run("layer", "verify", "--note", home.toString());
    assertThat(flipped.status()).isEqualTo(ExitStatus.NO);
    assertThat(flipped.out()).contains("DAMAGED  " + manifest, "2 files, 1 damaged");

    Files.delete(manifest);
    assertThat(Cli.run("layer", "verify", directory.toString()).status()).isEqualTo(ExitStatus.NO);

    Files.write(manifest, right);
    Path gone = file(2);
    Files.delete(gone);
    Cli.Outcome missing = Cli.run("layer", "verify", "--note", home.toString());
    assertThat(missing.status()).isEqualTo(ExitStatus.NO);
    assertThat(missing.out()).contains("DAMAGED  " + gone + "  missing", "2 files, 1 damaged");

    Files.copy(file(3), gone);
    Cli.Outcome swapped = Cli.run("layer", "verify", home.toString());
    assertThat(swapped.status()).isEqualTo(ExitStatus.NO);
    assertThat(swapped.out()).contains("DAMAGED  " + gone + "  corrupt layer: file name");
  }

  @Test
  void verify_withNote_ofAFileThatNoManifestNames_isOnlySaid() throws IOException {
    Path copy = Files.copy(file(2), directory.resolve("copy"));
    Path named = Files.copy(file(2), directory.resolve(file(2).getFileName().toString()));
    for (Path each : List.of(copy, named)) {
      flip(each, 300);
      Cli.Outcome outcome = Cli.run("layer", "verify", "--note", each.toString());
      assertThat(outcome.status()).as(outcome.err()).isEqualTo(ExitStatus.NO);
      assertThat(outcome.err()).isEmpty();
      assertThat(Path.of(each + ".damage")).doesNotExist();
    }
    flip(file(2), 300);
    assertThat(Cli.run("layer", "verify", "--note", file(2).toString()).status()).isOne();
    assertThat(Path.of(file(2) + ".damage")).exists();
  }

  @Test
  void verify_ofSeveral_looksAtAll() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "not a layer");
    Path none = directory.resolve("none");
    Cli.Outcome outcome =
        Cli.run("layer", "verify", none.toString(), other.toString(), file(2).toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(outcome.out())
        .contains(
            "NOT READ " + none + "  no such file",
            "NOT READ " + other + "  not a layer file",
            "OK       " + file(2));
  }

  private static List<JsonNode> json(Cli.Outcome outcome) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : outcome.out().lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  @Test
  void json_isAnObjectPerLine() throws IOException {
    Files.writeString(home.resolve(TIMELINE + "/x.temp"), "");
    List<JsonNode> verify = json(Cli.run("layer", "verify", "--json", home.toString()));
    assertThat(verify)
        .extracting(each -> each.get("verdict").asText())
        .containsExactly("intact", "intact", "unused");
    List<JsonNode> info = json(Cli.run("layer", "info", "--json", home.toString()));
    assertThat(info).hasSize(2);
    assertThat(info.get(0).get("startKey").asText()).isEqualTo("1663.5.16384.0.7");
    assertThat(info.get(0).get("startKeyHex").asText()).isEqualTo(KEY.toString());
    List<JsonNode> dump = json(Cli.run("layer", "dump", "--json", home.toString()));
    assertThat(dump)
        .extracting(each -> each.get("type").asText() + " " + each.get("lsn").asText())
        .containsExactly("version 0/100", "version 0/200", "tombstone 0/300");
    assertThat(dump.get(1).get("kind").asText()).isEqualTo("wal_record");
    assertThat(dump.get(1).get("key").asText()).isEqualTo("1663.5.16384.0.7");
    assertThat(dump.get(1).get("keyHex").asText()).isEqualTo(KEY.toString());
    assertThat(dump.get(1).get("bytes").asInt()).isEqualTo(20);
    assertThat(dump.get(1).get("timeline").asText()).isEqualTo(TIMELINE.toString());
  }

  @Test
  void dump_ofADirectory_namesEachFileThatHasLines() throws IOException {
    for (Path path : List.of(home, directory, file(2).resolveSibling("."))) {
      Cli.Outcome outcome = Cli.run("layer", "dump", path.toString());
      assertThat(outcome.status()).as(outcome.err()).isEqualTo(ExitStatus.OK);
      List<String> lines = outcome.out().lines().toList();
      assertThat(lines).hasSize(5);
      assertThat(lines.get(0)).startsWith("layer ").contains("timeline=" + TIMELINE);
      assertThat(lines.get(1)).startsWith("1663.5.16384.0.7 (" + KEY + ") 0/100 image of");
      assertThat(lines.get(3)).startsWith("layer ");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--key=1663.5.16384.0.7|0/100 0/200 0/300",
        "--key=000000067F00000005000040000000000007|0/100 0/200 0/300",
        "--key=1663.5.16384.0.8|''",
        "--key=1663/5/16384/main/7|0/100 0/200 0/300",
        "--key=base/5/16384_vm|''",
        "--from=0/200|0/200 0/300",
        "--to=0/200|0/100 0/200",
        "--from=0/101 --to=0/2FF|0/200",
        "--from=80000000/0|''",
        "--limit=1|0/100",
        "--limit=2 --from=0/101|0/200 0/300",
      })
  void dump_ofAPart(String options, String lsns) throws IOException {
    List<String> args = new ArrayList<>(List.of("layer", "dump", "--json", home.toString()));
    args.addAll(List.of(options.split(" ")));
    Cli.Outcome outcome = Cli.run(args.toArray(String[]::new));
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(ExitStatus.OK);
    assertThat(json(outcome).stream().map(each -> each.get("lsn").asText()).toList())
        .isEqualTo(lsns.isEmpty() ? List.of() : List.of(lsns.split(" ")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base/5/16384 7",
        "1663/5/16384 7",
        "rel 1663/5/16384 blk 7",
        "rel 1663/5/16384 fork main blk 7",
      })
  void dump_takesTheKeysThatGetTakes(String key) throws IOException {
    Cli.Outcome outcome = Cli.run("layer", "dump", "--json", home.toString(), "--key", key);
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(ExitStatus.OK);
    assertThat(json(outcome)).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--key=1663.5.16384.0",
        "--key=FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "--from=12",
        "--to=0/x",
        "--limit=0",
        "--limit=-1",
        "--from=0/2 --to=0/1"
      })
  void dump_ofNonsense_isWrongUsage(String options) {
    List<String> args = new ArrayList<>(List.of("layer", "dump", home.toString()));
    args.addAll(List.of(options.split(" ")));
    Cli.Outcome outcome = Cli.run(args.toArray(String[]::new));
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void verify_withoutLayerFiles_isNotAllWell() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Cli.Outcome outcome = Cli.run("layer", "verify", empty.toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(outcome.err()).contains("no layer files below", empty.toString());
    assertThat(outcome.out()).isEmpty();
    // The others are looked at nevertheless.
    flip(file(2), 20);
    for (String command : List.of("verify", "info", "dump")) {
      Cli.Outcome both =
          Cli.run("layer", command, empty.toString(), home.toString(), empty.toString());
      assertThat(both.status()).as(command).isEqualTo(ExitStatus.NO);
      assertThat(both.err()).contains("no layer files below");
      assertThat(both.out() + both.err()).contains("corrupt layer: ", file(2).toString());
    }
  }

  @Test
  void dump_printsTombstonesAndVersions() throws IOException {
    Cli.Outcome versions = Cli.run("layer", "dump", file(2).toString());
    assertThat(versions.status()).as(versions.err()).isEqualTo(ExitStatus.OK);
    assertThat(versions.out().lines()).hasSize(2);
    assertThat(versions.out())
        .contains(
            KEY.toString(),
            "1663.5.16384.0.7",
            "0/100",
            "image of 100 bytes",
            "0/200",
            "record of 20 bytes");
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
            "keys from       1663.5.16384.0.7 (" + KEY + ")",
            "keys before     1663.5.16384.0.8 (",
            "lsns            0/100..0/201",
            "offsets         0-2",
            "versions        2 of 1 keys",
            "value bytes     120");
  }

  @Test
  void somethingElse_isSaidToBeNoLayerFile() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "not a layer".repeat(50));
    for (String command : List.of("info", "dump", "verify")) {
      Cli.Outcome outcome = Cli.run("layer", command, other.toString());
      assertThat(outcome.status()).as(command).isEqualTo(ExitStatus.FAILED);
      assertThat(outcome.out() + outcome.err())
          .contains(other.toString(), "not a layer file")
          .doesNotContain("corrupt", "DAMAGED");
    }
  }

  @Test
  void missingFile_isSaidByName() {
    Cli.Outcome outcome = Cli.run("layer", "dump", directory.resolve("none").toString());
    assertThat(outcome.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(outcome.err()).contains("no such file", directory.resolve("none").toString());
  }
}
