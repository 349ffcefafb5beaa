package io.walstrata.harness.bench;

import static io.walstrata.harness.bench.ResultTable.decimal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers what was measured, and makes tables of it. */
final class IngestResults {
  private final List<IngestCell> cells;
  private final int volumeMib;
  private final List<List<IngestSample>> ours = new ArrayList<>(); // by run, then by cell
  private final List<Map<IngestCell, NeonScript.Sample>> neons = new ArrayList<>(); // by run

  IngestResults(List<IngestCell> cells, int volumeMib) {
    this.cells = cells;
    this.volumeMib = volumeMib;
  }

  void addOurs(List<IngestSample> samples) {
    ours.add(samples);
  }

  void addNeons(Map<IngestCell, NeonScript.Sample> samples) {
    neons.add(samples);
  }

  /** A row per cell. A ratio above 1: Walstrata is faster. */
  ResultTable results() {
    ResultTable table =
        new ResultTable(
            "ingest",
            "value_bytes",
            "key_layout",
            "write_delta",
            "reader",
            "median_s",
            "min_s",
            "max_s",
            "mib_per_s",
            "mrecords_per_s",
            "put_s",
            "flush_s",
            "drop_s",
            "gc_s",
            "cpu_s",
            "range_reads_per_s",
            "neon_median_s",
            "neon_min_s",
            "neon_max_s",
            "neon_range_reads_per_s",
            "neon_to_ours");
    for (int number = 0; number < cells.size(); number++) {
      IngestCell cell = cells.get(number);
      List<IngestSample> samples = samples(number);
      Spread total = Spread.of(samples, IngestSample::totalSeconds);
      List<NeonScript.Sample> neon = neon(cell);
      @Nullable Spread theirs =
          neon.isEmpty() ? null : Spread.of(neon, NeonScript.Sample::totalSeconds);
      int versions = new IngestWorkload(cell.layout(), cell.valueBytes(), volumeMib).versions();
      table.row(
          cell.valueBytes(),
          cell.layout().label(),
          IngestCell.yesNo(cell.delta()),
          IngestCell.yesNo(cell.reader()),
          decimal(total.median(), 3),
          decimal(total.min(), 3),
          decimal(total.max(), 3),
          decimal((double) versions * cell.valueBytes() / (1 << 20) / total.median(), 0),
          decimal(versions / 1e6 / total.median(), 2),
          decimal(Spread.of(samples, IngestSample::putSeconds).median(), 3),
          cell.delta() ? decimal(Spread.of(samples, IngestSample::flushSeconds).median(), 3) : null,
          decimal(Spread.of(samples, IngestSample::dropSeconds).median(), 3),
          decimal(Spread.of(samples, IngestSample::gcSeconds).median(), 3),
          decimal(Spread.of(samples, IngestSample::cpuSeconds).median(), 2),
          cell.reader()
              ? decimal(Spread.of(samples, IngestSample::readsPerSecond).median(), 0)
              : null,
          theirs == null ? null : decimal(theirs.median(), 3),
          theirs == null ? null : decimal(theirs.min(), 3),
          theirs == null ? null : decimal(theirs.max(), 3),
          theirs == null || !cell.reader()
              ? null
              : decimal(Spread.of(neon, NeonScript.Sample::readsPerSecond).median(), 0),
          theirs == null ? null : decimal(theirs.median() / total.median(), 2));
    }
    return table;
  }

  private List<IngestSample> samples(int cell) {
    return ours.stream().map(run -> run.get(cell)).toList();
  }

  private List<NeonScript.Sample> neon(IngestCell cell) {
    List<NeonScript.Sample> samples = new ArrayList<>();
    for (Map<IngestCell, NeonScript.Sample> run : neons) {
      NeonScript.@Nullable Sample sample = run.get(cell);
      if (sample != null) {
        samples.add(sample);
      }
    }
    return samples;
  }

  /** A row per run and cell. */
  ResultTable samples() {
    ResultTable table =
        new ResultTable(
            "ingest_samples",
            "value_bytes",
            "key_layout",
            "write_delta",
            "reader",
            "run",
            "total_s",
            "put_s",
            "flush_s",
            "drop_s",
            "gc_s",
            "cpu_s",
            "range_reads_per_s",
            "neon_total_s",
            "neon_range_reads_per_s");
    for (int number = 0; number < cells.size(); number++) {
      IngestCell cell = cells.get(number);
      for (int run = 0; run < ours.size(); run++) {
        IngestSample sample = ours.get(run).get(number);
        NeonScript.@Nullable Sample neon = neons.get(run).get(cell);
        table.row(
            cell.valueBytes(),
            cell.layout().label(),
            IngestCell.yesNo(cell.delta()),
            IngestCell.yesNo(cell.reader()),
            run + 1,
            decimal(sample.totalSeconds(), 4),
            decimal(sample.putSeconds(), 4),
            decimal(sample.flushSeconds(), 4),
            decimal(sample.dropSeconds(), 4),
            decimal(sample.gcSeconds(), 3),
            decimal(sample.cpuSeconds(), 2),
            decimal(sample.readsPerSecond(), 0),
            neon == null ? null : decimal(neon.totalSeconds(), 3),
            neon == null ? null : decimal(neon.readsPerSecond(), 0));
      }
    }
    return table;
  }
}
