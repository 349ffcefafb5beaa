package io.walstrata.harness.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;

/**
 * Measures how fast versions are ingested, over a grid of value sizes, key layouts, with and
 * without the delta file, with and without a concurrent reader; if asked to, beside a program that
 * does what Neon's benchmark does.
 */
public final class IngestBench {
  /**
   * How to run it.
   *
   * @param volumeMib how much each run writes, in MiB of values; 1 to 1024
   * @param warmups how often the grid is run before the runs that count; at least 0
   * @param runs how often the grid is run and counted; at least 1
   * @param only cells whose label contains this; see {@link IngestCell#label}
   * @param directory exists; the data goes to a new directory in it, which is deleted afterwards
   * @param neon a program as {@link NeonScript} describes it; null for none
   */
  public record Options(
      int volumeMib, int warmups, int runs, String only, Path directory, @Nullable Path neon) {}

  private final Options options;
  private final List<IngestCell> cells;
  private final Consumer<String> progress;

  /**
   * @param progress takes a line for each step
   * @throws IllegalArgumentException if no cell's label contains what the options ask for
   */
  public IngestBench(Options options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
    cells =
        IngestCell.grid().stream().filter(cell -> cell.label().contains(options.only())).toList();
    if (cells.isEmpty()) {
      throw new IllegalArgumentException(
          "no cell is called so: only="
              + options.only()
              + ", cells="
              + IngestCell.grid().stream().map(IngestCell::label).toList());
    }
  }

  /**
   * Runs all passes.
   *
   * @throws IOException if a file cannot be written, a store lacks what was put, or the script
   *     fails
   */
  public Report run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(options.directory(), "walstrata-bench-");
    Map<String, String> facts = Facts.collect(directory);
    facts.put("volume_mib", String.valueOf(options.volumeMib()));
    facts.put("warmups", String.valueOf(options.warmups()));
    facts.put("runs", String.valueOf(options.runs()));
    IngestResults results = new IngestResults(cells, options.volumeMib());
    try {
      // Pass after pass, not cell after cell: what drifts, drifts for all cells alike.
      for (int pass = 1; pass <= options.warmups(); pass++) {
        progress.accept("warm-up " + pass + " of " + options.warmups());
        ours(directory);
      }
      for (int pass = 1; pass <= options.runs(); pass++) {
        progress.accept("run " + pass + " of " + options.runs());
        // In turns, so that neither is always the one that finds the disk busy.
        if (pass % 2 == 0) {
          results.addNeons(neons(directory));
        }
        results.addOurs(ours(directory));
        if (pass % 2 == 1) {
          results.addNeons(neons(directory));
        }
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
    return new Report(facts, List.of(results.results()), List.of(results.samples()));
  }

  private List<IngestSample> ours(Path directory) throws IOException, InterruptedException {
    List<IngestSample> samples = new ArrayList<>();
    for (IngestCell cell : cells) {
      Path own = directory.resolve("run");
      samples.add(new IngestRun(cell, options.volumeMib(), own).run());
    }
    return samples;
  }

  private Map<IngestCell, NeonScript.Sample> neons(Path directory)
      throws IOException, InterruptedException {
    Path script = options.neon();
    return script == null
        ? Map.of()
        : new NeonScript(script, directory).run(options.volumeMib(), options.only());
  }
}
