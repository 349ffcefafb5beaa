package io.walstrata.layerstore.streams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.internal.file.ScratchDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ingest in a process with a small heap. {@code -Dwalstrata.heaps=large} takes more heaps, more
 * partitions and more versions, and prints the table of {@code docs/benchmarks.md}.
 */
@Timeout(1800)
class SmallHeapTest {
  private static final boolean IS_LARGE = "large".equals(System.getProperty("walstrata.heaps"));

  private static final int[][] SMALL = {{64, 8}}; // heap in MiB, partitions

  @TempDir Path directory;

  private record Outcome(int status, String text) {}

  private Outcome run(int heapMib, boolean hasBudget, int partitions, int millions)
      throws Exception {
    Path data = Files.createDirectories(directory.resolve(heapMib + "-" + partitions + hasBudget));
    Path output = data.resolve("output");
    long budget = hasBudget ? (heapMib << 20) / 4 : 0;
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + heapMib + "m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    SmallHeapMain.class.getName(),
                    data.toString(),
                    Long.toString(budget),
                    Integer.toString(partitions),
                    Integer.toString(millions)))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status;
    try {
      status = process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output);
    System.out.print(text.lines().filter(l -> l.startsWith("|")).findFirst().orElse(text) + "\n");
    deleteLayers(data);
    return new Outcome(status, text);
  }

  private static void deleteLayers(Path data) throws Exception {
    ScratchDirectory.delete(data.resolve("layers"));
    ScratchDirectory.delete(data.resolve("task"));
  }

  @Test
  void ingest_intoASmallHeap_survives() throws Exception {
    int[][] cases = IS_LARGE ? new int[][] {{64, 1}, {64, 8}, {128, 16}, {256, 32}} : SMALL;
    for (int[] each : cases) {
      Outcome outcome = run(each[0], /* hasBudget= */ true, each[1], IS_LARGE ? 5 : 1);
      assertThat(outcome.status()).as(outcome.text()).isZero();
    }
  }

  @Test
  void ingest_withoutABudget_runsOutOfMemory() throws Exception {
    int[][] cases = IS_LARGE ? new int[][] {{64, 8}, {128, 16}, {256, 32}} : SMALL;
    for (int[] each : cases) {
      Outcome outcome = run(each[0], /* hasBudget= */ false, each[1], IS_LARGE ? 8 : 2);
      assertThat(outcome.status()).as(outcome.text()).isEqualTo(SmallHeapMain.OUT_OF_MEMORY);
    }
  }
}
