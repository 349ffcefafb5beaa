package io.walstrata.ingest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures how fast versions are ingested, over a grid of value sizes, key layouts, with and
 * without the delta file, with and without a concurrent reader.
 */
public final class IngestBench {
  /**
   * How to run it.
   *
   * @param volumeMib how much each cell writes, in MiB of values
   * @param warmups passes over the grid before those that count
   * @param runs passes that count
   * @param only cells whose label contains this
   * @param directory where the data goes; a new directory in it, which is deleted afterwards
   */
  public record Options(int volumeMib, int warmups, int runs, String only, Path directory) {}

  private final Options options;

  public IngestBench(Options options) {
    this.options = options;
  }

  /** Runs all passes and returns the table. */
  public Report run() throws IOException, InterruptedException {
    List<IngestCell> cells =
        IngestCell.grid().stream().filter(cell -> cell.label().contains(options.only())).toList();
    List<List<IngestSample>> samples = new ArrayList<>();
    cells.forEach(cell -> samples.add(new ArrayList<>()));
    Files.createDirectories(options.directory());
    Path directory = Files.createTempDirectory(options.directory(), "walstrata-bench-");
    try {
      // Pass after pass, not cell after cell: what drifts, drifts for all cells alike.
      for (int pass = 0; pass < options.warmups() + options.runs(); pass++) {
        for (int i = 0; i < cells.size(); i++) {
          Path own = directory.resolve(pass + "-" + i);
          IngestSample sample = new IngestRun(cells.get(i), options.volumeMib(), own).run();
          if (pass >= options.warmups()) {
            samples.get(i).add(sample);
          }
        }
      }
    } finally {
      Directories.delete(directory);
    }
    return report(cells, samples);
  }

  private Report report(List<IngestCell> cells, List<List<IngestSample>> samples) {
    Report report =
        new Report(
            "value B",
            "key layout",
            "write_delta",
            "reader",
            "s median",
            "s min",
            "s max",
            "MiB/s",
            "Mrec/s",
            "put s",
            "flush s",
            "drop s",
            "gc s",
            "range reads/s");
    for (int i = 0; i < cells.size(); i++) {
      IngestCell cell = cells.get(i);
      List<IngestSample> runs = samples.get(i);
      Spread total = Spread.of(runs, IngestSample::totalSeconds);
      int versions =
          new IngestWorkload(cell.layout(), cell.valueBytes(), options.volumeMib()).versions();
      report.row(
          cell.valueBytes(),
          cell.layout().label(),
          IngestCell.yesNo(cell.delta()),
          IngestCell.yesNo(cell.reader()),
          decimals(3, total.median()),
          decimals(3, total.min()),
          decimals(3, total.max()),
          decimals(0, (double) versions * cell.valueBytes() / (1 << 20) / total.median()),
          decimals(2, versions / 1e6 / total.median()),
          decimals(3, Spread.median(runs, IngestSample::putSeconds)),
          cell.delta() ? decimals(3, Spread.median(runs, IngestSample::flushSeconds)) : "-",
          decimals(3, Spread.median(runs, IngestSample::dropSeconds)),
          decimals(3, Spread.median(runs, IngestSample::gcSeconds)),
          cell.reader() ? decimals(0, Spread.median(runs, IngestSample::readsPerSecond)) : "-");
    }
    return report;
  }

  private static String decimals(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
