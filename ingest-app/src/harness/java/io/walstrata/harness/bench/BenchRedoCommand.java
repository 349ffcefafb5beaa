package io.walstrata.harness.bench;

import io.walstrata.ingest.cli.ExitStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How fast pages are made of their records. */
@Command(
    name = "redo",
    description = {
      "Measure how fast redo makes a page of PostgreSQL from its base and its records, which a"
          + " PostgreSQL writes first.",
      "What is timed is in ingest-app/docs/benchmarks.md."
    },
    footer = {"", "Exit status: 0 done, 2 wrong usage, 5 failed."})
final class BenchRedoCommand implements Callable<Integer> {
  @Mixin private BenchFlags flags;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs of each that count. Default: 5.")
  private int runs;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "2",
      description = "Runs of each before those. Default: 2.")
  private int warmups;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seconds of each run. Default: 1.")
  private int seconds;

  @Override
  public Integer call() throws Exception {
    flags.check("--runs", runs, 1, 1000);
    flags.check("--warmup", warmups, 0, 1000);
    flags.check("--seconds", seconds, 1, 3600);
    RedoBench.Options options = new RedoBench.Options(runs, warmups, seconds, flags.directory());
    flags.print(new RedoBench(options, flags::progress).run());
    return ExitStatus.OK;
  }
}
