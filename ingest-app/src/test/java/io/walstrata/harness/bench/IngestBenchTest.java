package io.walstrata.harness.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestBenchTest {
  @TempDir Path directory;
  private final List<String> progress = new ArrayList<>();

  private Report run(int warmups, int runs, String only, @Nullable Path neon) throws Exception {
    Path data = Files.createDirectories(directory.resolve("data"));
    IngestBench.Options options = new IngestBench.Options(1, warmups, runs, only, data, neon);
    Report report = new IngestBench(options, progress::add).run();
    assertThat(data).as("no file is left").isEmptyDirectory();
    return report;
  }

  private Path script(String... lines) throws IOException {
    Path script = directory.resolve("script");
    Files.writeString(script, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  private static @Nullable Object cell(ResultTable table, int row, String heading) {
    return table.rows().get(row).get(table.headings().indexOf(heading));
  }

  private static double number(ResultTable table, int row, String heading) {
    return Double.parseDouble(String.valueOf(cell(table, row, heading)));
  }

  @Test
  void wholeGrid_has24Cells() throws Exception {
    Report report = run(0, 1, "", null);
    ResultTable results = report.results().get(0);
    assertThat(results.rows()).hasSize(2 * 3 * 2 * 2);
    assertThat(results.rows().stream().map(row -> row.subList(0, 4))).doesNotHaveDuplicates();
    assertThat(report.samples().get(0).rows()).hasSize(24);
    for (int row = 0; row < 24; row++) {
      boolean delta = "Yes".equals(cell(results, row, "write_delta"));
      boolean reader = "Yes".equals(cell(results, row, "reader"));
      assertThat(number(report.samples().get(0), row, "put_s")).isPositive();
      assertThat(number(report.samples().get(0), row, "drop_s")).isPositive();
      assertThat(cell(results, row, "flush_s") != null).isEqualTo(delta);
      assertThat(cell(results, row, "range_reads_per_s") != null).isEqualTo(reader);
      assertThat(cell(results, row, "neon_median_s")).isNull();
    }
  }

  @Test
  void facts_sayWhatTheNumbersDependOn() throws Exception {
    assertThat(run(0, 1, "8192 | Sequential | No | No", null).facts())
        .containsKeys("time", "commit", "java", "os", "cpu", "file_system")
        .containsEntry("volume_mib", "1")
        .containsEntry("runs", "1");
  }

  @Test
  void median_isOfTheRunsThatCount() throws Exception {
    Report report = run(2, 3, "8192 | Random | Yes | No", null);
    assertThat(progress).hasSize(5);
    List<BigDecimal> totals =
        report.samples().get(0).rows().stream()
            .map(row -> row.get(report.samples().get(0).headings().indexOf("total_s")))
            .map(BigDecimal.class::cast)
            .sorted()
            .toList();
    assertThat(totals).hasSize(3);
    assertThat(report.results().get(0).rows()).hasSize(1);
    assertThat(number(report.results().get(0), 0, "min_s"))
        .isCloseTo(totals.get(0).doubleValue(), within());
    assertThat(number(report.results().get(0), 0, "median_s"))
        .isCloseTo(totals.get(1).doubleValue(), within());
    assertThat(number(report.results().get(0), 0, "max_s"))
        .isCloseTo(totals.get(2).doubleValue(), within());
  }

  /** Half of the last digit that is shown, twice. */
  private static Offset<Double> within() {
    return Offset.offset(0.0006);
  }

  @Test
  void unknownCell_isRefusedWithTheNamesThereAre() {
    assertThatThrownBy(() -> run(0, 1, "Zipf", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Zipf")
        .hasMessageContaining("8192 | RandomReuse(0x3ff) | No | Yes");
  }

  @Test
  void neonScript_isRunInEachPass_andCompared() throws Exception {
    Path calls = directory.resolve("calls");
    Path script =
        script(
            "echo \"$DATA $*\" >> " + calls,
            "test -d \"$DATA\" || exit 1",
            "n=$(wc -l < " + calls + ")",
            "echo compiler: some version",
            "echo '| value B | key layout | write_delta | reader | s median | range reads/s |'",
            "echo '|---:|---|---|---|---:|---:|'",
            "echo \"| 8192 | Sequential | Yes | No | ${n}000.5 | - |\"",
            "echo \"| 8192 | Sequential | Yes | Yes | 3.25 | 700 |\"",
            "echo load 0.1");
    Report report = run(1, 3, "8192 | Sequential | Yes", script);
    assertThat(Files.readAllLines(calls)).hasSize(3);
    assertThat(Files.readAllLines(calls))
        .allSatisfy(
            call ->
                assertThat(call)
                    .contains("--runs 1 --volume-mib 1 --only 8192 | Sequential | Yes"));
    ResultTable results = report.results().get(0);
    assertThat(number(results, 0, "neon_min_s")).isEqualTo(1000.5);
    assertThat(number(results, 0, "neon_median_s")).isEqualTo(2000.5);
    assertThat(number(results, 0, "neon_max_s")).isEqualTo(3000.5);
    double ours =
        Spread.of(List.of(0, 1, 2), run -> number(report.samples().get(0), run, "total_s"))
            .median();
    assertThat(number(results, 0, "neon_to_ours"))
        .isCloseTo(2000.5 / ours, Percentage.withPercentage(10));
    assertThat(cell(results, 0, "neon_range_reads_per_s")).isNull();
    assertThat(cell(results, 1, "reader")).isEqualTo("Yes");
    assertThat(number(results, 1, "neon_median_s")).isEqualTo(3.25);
    assertThat(number(results, 1, "neon_range_reads_per_s")).isEqualTo(700);
  }

  @Test
  void neonScript_needNotHaveAllCells() throws Exception {
    Path script =
        script("echo '| value B | key layout | write_delta | reader | s median | range reads/s |'");
    Report report = run(0, 1, "8192 | Random | No | Yes", script);
    assertThat(cell(report.results().get(0), 0, "neon_to_ours")).isNull();
  }

  @Test
  void neonScript_thatFails_isSaidWithItsOutput() throws Exception {
    Path script = script("echo no compiler here >&2", "exit 3");
    assertThatThrownBy(() -> run(0, 1, "8192 | Sequential | No | No", script))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("status=3")
        .hasMessageContaining("no compiler here");
  }

  @Test
  void neonScript_withOtherResults_isRefused() {
    assertThatThrownBy(
            () ->
                NeonScript.parse(
                    List.of(
                        "| value B | key layout | write_delta | reader | s median |",
                        "| 100 | Zipf | Yes | No | 1.0 |")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Zipf");
    assertThatThrownBy(
            () -> NeonScript.parse(List.of("| value B | key layout |", "| 100 | Sequential |")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Sequential");
    assertThatThrownBy(() -> NeonScript.parse(List.of("nothing to see")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nothing to see");
  }
}
