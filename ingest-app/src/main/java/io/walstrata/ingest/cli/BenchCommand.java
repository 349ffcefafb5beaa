package io.walstrata.ingest.cli;

import io.walstrata.ingest.bench.IngestBench;
import io.walstrata.ingest.bench.Report;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code walstrata bench}: measures the storage engine on this machine. */
@Command(
    name = "bench",
    description = "Measure the storage engine on this machine; nothing else needs to run.",
    synopsisSubcommandLabel = "ingest",
    subcommands = BenchCommand.Ingest.class)
final class BenchCommand {
  /** How results are printed. */
  enum Format {
    TABLE,
    TSV
  }

  private static void print(Report report, Format format, PrintWriter out) {
    if (format == Format.TSV) {
      out.println(String.join("\t", report.headings()));
      report.rows().forEach(row -> out.println(String.join("\t", row)));
    } else {
      Table table = new Table(report.headings().toArray(String[]::new));
      for (List<String> row : report.rows()) {
        table.row(row.toArray());
      }
      table.print(out);
    }
    out.flush();
  }

  /** How fast versions are ingested. */
  @Command(
      name = "ingest",
      description = "Measure how fast versions are put into the open layer and flushed.",
      footer = {"", "Exit status: 0 done, 2 wrong usage, 5 failed."})
  static final class Ingest implements Callable<Integer> {
    @Option(
        names = "--format",
        paramLabel = "table|tsv",
        defaultValue = "table",
        description = "How results are printed. Default: table.")
    private Format format;

    @Option(
        names = "--runs",
        defaultValue = "5",
        description = "Runs of each cell that count. Default: 5.")
    private int runs;

    @Option(
        names = "--warmup",
        defaultValue = "2",
        description = "Runs of each cell before those. Default: 2.")
    private int warmups;

    @Option(
        names = "--volume-mib",
        defaultValue = "128",
        description = "What a run writes, in MiB of values. Default: 128.")
    private int volumeMib;

    @Option(
        names = "--only",
        paramLabel = "TEXT",
        defaultValue = "",
        description = "Only cells whose label contains this, as in '100 | Sequential | Yes | No'.")
    private String only;

    @Option(
        names = "--dir",
        defaultValue = "${sys:java.io.tmpdir}",
        description = "Where the data goes. Default: the directory for temporary files.")
    private Path directory;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
      IngestBench bench =
          new IngestBench(new IngestBench.Options(volumeMib, warmups, runs, only, directory));
      print(bench.run(), format, spec.commandLine().getOut());
      return ExitStatus.OK;
    }
  }
}
