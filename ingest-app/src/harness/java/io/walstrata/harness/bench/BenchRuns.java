package io.walstrata.harness.bench;

import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of the benchmarks that repeat one load: how often, and how much of it. */
final class BenchRuns {
  private final int maxVolumeMib;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Runs of each that count. Default: ${DEFAULT-VALUE}.")
  private int runs;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "Runs of each before those. Default: ${DEFAULT-VALUE}.")
  private int warmups;

  @Option(
      names = "--volume-mib",
      paramLabel = "MIB",
      description = "Values that each run writes, in MiB. Default: ${DEFAULT-VALUE}.")
  private int volumeMib;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  BenchRuns(int runs, int warmups, int volumeMib, int maxVolumeMib) {
    this.runs = runs;
    this.warmups = warmups;
    this.volumeMib = volumeMib;
    this.maxVolumeMib = maxVolumeMib;
  }

  void check(BenchFlags flags) {
    flags.check("--runs", runs, 1, 1000);
    flags.check("--warmup", warmups, 0, 1000);
    flags.check("--volume-mib", volumeMib, 1, maxVolumeMib);
  }

  int runs() {
    return runs;
  }

  int warmups() {
    return warmups;
  }

  int volumeMib() {
    return volumeMib;
  }

  /** Makes a benchmark; that it refuses its options is wrong usage. */
  <T> T make(Supplier<T> bench) {
    try {
      return bench.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
