package io.walstrata.harness.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerBenchTest {
  @TempDir Path directory;
  private final List<String> progress = new ArrayList<>();

  private Report run(int warmups, int runs, String only) throws Exception {
    PeerBench.Options options =
        new PeerBench.Options(1, warmups, runs, /* limitSeconds= */ 60, 5, only, directory);
    Report report = new PeerBench(options, progress::add).run();
    assertThat(directory).as("no file is left").isEmptyDirectory();
    return report;
  }

  private static @Nullable Object cell(ResultTable table, List<@Nullable Object> row, String name) {
    return row.get(table.headings().indexOf(name));
  }

  @Test
  void allWorkloads_areWrittenAndReadByAllStores() throws Exception {
    Report report = run(0, 1, "");
    ResultTable writes = report.results().get(0);
    ResultTable reads = report.results().get(1);
    assertThat(writes.rows()).hasSize(4 * 3);
    assertThat(reads.rows()).hasSize(4 * 3 * 2 * 2);
    assertThat(reads.rows().stream().map(row -> row.subList(0, 5))).doesNotHaveDuplicates();
    assertThat(writes.rows())
        .allSatisfy(
            row -> {
              assertThat(cell(writes, row, "share_put")).hasToString("1.000");
              assertThat(Double.parseDouble("" + cell(writes, row, "disk_per_byte")))
                  .isBetween(0.5, 5.0);
            });
    assertThat(reads.rows())
        .allSatisfy(
            row -> {
              double p50 = Double.parseDouble("" + cell(reads, row, "p50_us"));
              double p999 = Double.parseDouble("" + cell(reads, row, "p999_us"));
              assertThat(p50).isPositive().isLessThanOrEqualTo(p999);
            });
  }

  @Test
  void rounds_countButForTheWarmUp() throws Exception {
    Report report = run(1, 2, "hot | 8192");
    assertThat(progress).hasSize(3);
    assertThat(report.results().get(0).rows()).hasSize(3);
    assertThat(report.samples().get(0).rows()).hasSize(3 * 2);
    assertThat(report.samples().get(1).rows()).hasSize(3 * 2 * 2 * 2);
  }

  @Test
  void order_isRotated() {
    assertThat(List.of(0, 1, 2, 3).stream().map(round -> PeerBench.rotated(round).get(0)))
        .containsExactly(
            PeerKind.WALSTRATA, PeerKind.ROCKSDB, PeerKind.VERSIONED, PeerKind.WALSTRATA);
    assertThat(PeerBench.rotated(2)).containsExactlyInAnyOrder(PeerKind.values());
  }

  @Test
  void unknownWorkload_isRefusedWithTheNamesThereAre() {
    assertThatThrownBy(() -> run(0, 1, "cold"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cold")
        .hasMessageContaining("spread | 8192");
  }
}
