package io.walstrata.harness.bench;

import io.walstrata.ingest.cli.ExitStatus;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How fast versions are ingested. */
@Command(
    name = "ingest",
    description = {
      "Measure how fast versions are put into an open layer and written to a delta file, over the"
          + " grid of Neon's ingest benchmark.",
      "What is timed, and how it compares, is in layer-store/docs/benchmarks.md."
    },
    footer = {"", "Exit status: 0 done, 2 wrong usage, 5 failed."})
final class BenchIngestCommand implements Callable<Integer> {
  @Mixin private BenchFlags flags;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs of each cell that count. Default: 5.")
  private int runs;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "3",
      description = "Runs of each cell before those. Default: 3.")
  private int warmups;

  @Option(
      names = "--volume-mib",
      paramLabel = "MIB",
      defaultValue = "128",
      description = "What each run writes, in MiB of values. Default: 128.")
  private int volumeMib;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      defaultValue = "",
      description =
          "Only cells whose name contains this. Names are value size, key layout, with delta file,"
              + " with reader: '100 | Sequential | Yes | No'. Key layouts: Sequential, Random,"
              + " RandomReuse(0x3ff).")
  private String only;

  @Option(
      names = "--neon",
      paramLabel = "SCRIPT",
      description =
          "Also run this script, which does what Neon's benchmark does, once in each pass, and"
              + " print its seconds and the ratio: above 1, Walstrata is faster.")
  private @Nullable Path neon;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    flags.check("--runs", runs, 1, 1000);
    flags.check("--warmup", warmups, 0, 1000);
    flags.check("--volume-mib", volumeMib, 1, 1024);
    IngestBench.Options options =
        new IngestBench.Options(volumeMib, warmups, runs, only, flags.directory(), neon);
    flags.print(bench(options).run());
    return ExitStatus.OK;
  }

  private IngestBench bench(IngestBench.Options options) {
    try {
      return new IngestBench(options, flags::progress);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
