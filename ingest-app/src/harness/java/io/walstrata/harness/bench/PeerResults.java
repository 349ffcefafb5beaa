package io.walstrata.harness.bench;

import static io.walstrata.harness.bench.ResultTable.decimal;

import io.walstrata.harness.bench.PeerBench.Cell;
import io.walstrata.harness.bench.PeerReads.AsOf;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Gathers what was measured, and makes tables of it. */
final class PeerResults {
  /** A store on a workload. */
  private record Row(Cell cell, PeerKind kind) {}

  private final int volumeMib;
  private final Map<Row, List<PeerSample>> samples = new LinkedHashMap<>();

  PeerResults(int volumeMib) {
    this.volumeMib = volumeMib;
  }

  void add(Cell cell, PeerKind kind, PeerSample sample) {
    samples.computeIfAbsent(new Row(cell, kind), row -> new ArrayList<>()).add(sample);
  }

  /** The rows in one order, whatever the order of the runs was. */
  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Row any : samples.keySet()) {
      for (PeerKind kind : PeerKind.values()) {
        Row row = new Row(any.cell(), kind);
        if (!rows.contains(row)) {
          rows.add(row);
        }
      }
    }
    return rows;
  }

  private List<PeerSample> samples(Row row) {
    return samples.getOrDefault(row, List.of());
  }

  /** A row per workload and store. */
  ResultTable writes() {
    ResultTable table =
        new ResultTable(
            "writes",
            "workload",
            "value_bytes",
            "store",
            "versions_put",
            "share_put",
            "puts_per_s_median",
            "puts_per_s_min",
            "puts_per_s_max",
            "put_s",
            "flush_s",
            "handed_over_per_byte",
            "to_disk_per_byte",
            "disk_per_byte");
    for (Row row : rows()) {
      List<PeerSample> rounds = samples(row);
      int all = new PeerWorkload(row.cell().kind(), row.cell().valueBytes(), volumeMib).versions();
      Spread rate = Spread.of(rounds, PeerSample::putsPerSecond);
      double put = Spread.of(rounds, PeerSample::versions).median();
      table.row(
          name(row.cell().kind()),
          row.cell().valueBytes(),
          name(row.kind()),
          decimal(put, 0),
          decimal(put / all, 3),
          decimal(rate.median(), 0),
          decimal(rate.min(), 0),
          decimal(rate.max(), 0),
          decimal(Spread.of(rounds, PeerSample::putSeconds).median(), 3),
          decimal(Spread.of(rounds, PeerSample::flushSeconds).median(), 3),
          ratio(Spread.of(rounds, PeerSample::writtenPerByte).median()),
          ratio(Spread.of(rounds, PeerSample::toDiskPerByte).median()),
          ratio(Spread.of(rounds, PeerSample::diskPerByte).median()));
    }
    return table;
  }

  private static @Nullable BigDecimal ratio(double value) {
    return Double.isNaN(value) ? null : decimal(value, 2);
  }

  /**
   * A row per workload, store, before and after the flush, and LSN. Percentiles are of all rounds.
   */
  ResultTable reads() {
    ResultTable table =
        new ResultTable(
            "reads",
            "workload",
            "value_bytes",
            "store",
            "state",
            "as_of",
            "reads_per_s_median",
            "reads_per_s_min",
            "reads_per_s_max",
            "p50_us",
            "p99_us",
            "p999_us");
    for (Row row : rows()) {
      addReads(table, row, "unflushed", PeerSample::beforeFlush);
      addReads(table, row, "flushed", PeerSample::afterFlush);
    }
    return table;
  }

  private void addReads(
      ResultTable table, Row row, String state, Function<PeerSample, Map<AsOf, ReadSample>> which) {
    for (AsOf asOf : AsOf.values()) {
      List<ReadSample> reads = new ArrayList<>();
      Histogram all = new Histogram(3);
      for (PeerSample sample : samples(row)) {
        @Nullable ReadSample read = which.apply(sample).get(asOf);
        if (read != null) {
          reads.add(read);
          all.add(read.nanos());
        }
      }
      Spread rate = Spread.of(reads, ReadSample::perSecond);
      table.row(
          name(row.cell().kind()),
          row.cell().valueBytes(),
          name(row.kind()),
          state,
          name(asOf),
          decimal(rate.median(), 0),
          decimal(rate.min(), 0),
          decimal(rate.max(), 0),
          micros(all, 50),
          micros(all, 99),
          micros(all, 99.9));
    }
  }

  private static BigDecimal micros(Histogram nanos, double percentile) {
    return decimal(nanos.getValueAtPercentile(percentile) / 1e3, 1);
  }

  /** The same, a row per round. */
  List<ResultTable> samples() {
    ResultTable writes =
        new ResultTable(
            "write_samples",
            "workload",
            "value_bytes",
            "store",
            "round",
            "versions_put",
            "put_s",
            "flush_s",
            "handed_over_per_byte",
            "to_disk_per_byte",
            "disk_per_byte");
    ResultTable reads =
        new ResultTable(
            "read_samples",
            "workload",
            "value_bytes",
            "store",
            "round",
            "state",
            "as_of",
            "reads_per_s",
            "p50_us",
            "p99_us",
            "p999_us");
    for (Row row : rows()) {
      int round = 0;
      for (PeerSample sample : samples(row)) {
        round++;
        writes.row(
            name(row.cell().kind()),
            row.cell().valueBytes(),
            name(row.kind()),
            round,
            sample.versions(),
            decimal(sample.putSeconds(), 4),
            decimal(sample.flushSeconds(), 4),
            ratio(sample.writtenPerByte()),
            ratio(sample.toDiskPerByte()),
            ratio(sample.diskPerByte()));
        addReads(reads, row, round, "unflushed", sample.beforeFlush());
        addReads(reads, row, round, "flushed", sample.afterFlush());
      }
    }
    return List.of(writes, reads);
  }

  private static void addReads(
      ResultTable table, Row row, int round, String state, Map<AsOf, ReadSample> samples) {
    samples.forEach(
        (asOf, read) ->
            table.row(
                name(row.cell().kind()),
                row.cell().valueBytes(),
                name(row.kind()),
                round,
                state,
                name(asOf),
                decimal(read.perSecond(), 0),
                micros(read.nanos(), 50),
                micros(read.nanos(), 99),
                micros(read.nanos(), 99.9)));
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
