package io.walstrata.harness.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison of layers with a ledger finds what differs, and only that. */
class LayerCheckTest {
  private static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 7);
  private static final PageKey NEXT = PageKey.of(0, 1663, 5, 16384, 0, 8);

  @TempDir Path folder;
  private final TimelineLoad load = new TimelineLoad(new TimelineId(1, 2), 42);
  private final SoakCounts counts = new SoakCounts();
  private final List<Version> versions = new ArrayList<>();

  @BeforeEach
  void writeLayers() throws Exception {
    for (int i = 1; i <= 50; i++) {
      Value value =
          i % 10 == 1
              ? Value.image(new byte[] {(byte) i})
              : Value.walRecord(new byte[] {(byte) i, 1}, /* willInit= */ false);
      versions.add(new Version(Lsn.of(i * 10L), value));
    }
    try (LayerStore store =
        LayerStore.open(
            LayerHomes.partition(folder.resolve("layers/0")),
            folder.resolve("state"),
            LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      int offset = 0;
      for (Version each : versions) {
        writer.put(offset, load.timeline(), KEY, each.lsn(), each.value());
        if (offset % 20 == 19) {
          writer.freeze(offset);
        }
        offset++;
      }
      writer.tombstone(offset, load.timeline(), new KeyRange(KEY, NEXT), Lsn.of(505));
      writer.freeze(offset);
      writer.awaitFlushed();
    }
  }

  private void fillLedger(List<Version> with) {
    with.forEach(each -> load.ledger().add(KEY, each));
    load.ledger().add(new Ledger.Tombstone(new KeyRange(KEY, NEXT), Lsn.of(505)));
  }

  private void check() throws Exception {
    new LayerCheck(List.of(load), folder.resolve("scratch"), counts)
        .check(folder.resolve("layers"));
  }

  @Test
  void same_isNoMismatch() throws Exception {
    fillLedger(versions);
    check();
    assertThat(counts.examples()).isEmpty();
    assertThat(counts.versions()).isEqualTo(2 * 51);
    assertThat(counts.layers()).isEqualTo(3);
  }

  @Test
  void versionMissingInLayers_isFound() throws Exception {
    List<Version> more = new ArrayList<>(versions);
    more.add(30, new Version(Lsn.of(305), Value.image(new byte[] {9})));
    fillLedger(more);
    check();
    assertThat(counts.examples()).anyMatch(each -> each.startsWith("digest"));
    assertThat(counts.examples()).anyMatch(each -> each.contains("asOf=0/131"));
  }

  @Test
  void versionTooMuchInLayers_isFound() throws Exception {
    List<Version> fewer = new ArrayList<>(versions);
    fewer.remove(49);
    fillLedger(fewer);
    check();
    assertThat(counts.examples()).anyMatch(each -> each.startsWith("digest"));
    assertThat(counts.examples()).anyMatch(each -> each.startsWith("versions"));
  }

  @Test
  void otherBytes_areFound() throws Exception {
    List<Version> other = new ArrayList<>(versions);
    other.set(20, new Version(other.get(20).lsn(), Value.image(new byte[] {99})));
    fillLedger(other);
    check();
    assertThat(counts.examples()).anyMatch(each -> each.startsWith("digest"));
    assertThat(counts.examples()).anyMatch(each -> each.startsWith("source"));
  }

  @Test
  void damagedFile_isFound() throws Exception {
    fillLedger(versions);
    try (Stream<Path> files = Files.walk(folder.resolve("layers/0"))) {
      Path file =
          files.filter(each -> each.toString().endsWith(".delta")).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(file);
      bytes[100] ^= 1;
      Files.write(file, bytes);
    }
    check();
    assertThat(counts.examples()).anyMatch(each -> each.startsWith("layer file"));
  }
}
