package io.walstrata.harness.bench;

import io.walstrata.ingest.cli.ExitStatus;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

  @Mixin
  private final BenchRuns load =
      new BenchRuns(
          /* runs= */ 5, /* warmups= */ 3, /* volumeMib= */ 128, /* maxVolumeMib= */ 1024);

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

  @Override
  public Integer call() throws Exception {
    load.check(flags);
    IngestBench.Options options =
        new IngestBench.Options(
            load.volumeMib(), load.warmups(), load.runs(), only, flags.directory(), neon);
    flags.print(load.make(() -> new IngestBench(options, flags::progress)).run());
    return ExitStatus.OK;
  }
}
