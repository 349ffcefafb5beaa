package io.walstrata.harness.bench;

import io.walstrata.ingest.cli.ExitStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** From a topic to a store that answers reads. */
@Command(
    name = "e2e",
    description = {
      "Measure how fast a topic gets into a store that answers reads, on a broker that is started"
          + " for it: the job's topology, a plain consumer of the same topic, and Kafka Streams"
          + " with RocksDB and with its versioned store.",
      "What is measured, and how, is in ingest-app/docs/benchmarks.md."
    },
    footer = {"", "Exit status: 0 done, 2 wrong usage, 5 failed."})
final class BenchE2eCommand implements Callable<Integer> {
  @Mixin private BenchFlags flags;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds that count; each begins with another system. Default: 3.")
  private int runs;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "1",
      description = "Rounds before those. Default: 1.")
  private int warmups;

  @Option(
      names = "--volume-mib",
      paramLabel = "MIB",
      defaultValue = "256",
      description = "Values in each topic, in MiB. Default: 256.")
  private int volumeMib;

  @Option(
      names = "--limit-s",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description = "End a reading after this time; what was read by then counts. Default: 20.")
  private int limitSeconds;

  @Option(names = "--no-peers", description = "Only the plain consumer and Walstrata.")
  private boolean noPeers;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      defaultValue = "",
      description =
          "Only topics whose name contains this: 'batch | 8192', 'batch | 100', 'record | 8192',"
              + " 'record | 100'.")
  private String only;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    flags.check("--runs", runs, 1, 1000);
    flags.check("--warmup", warmups, 0, 1000);
    flags.check("--volume-mib", volumeMib, 1, 64 << 10);
    flags.check("--limit-s", limitSeconds, 1, 3600);
    E2eBench.Options options =
        new E2eBench.Options(
            volumeMib, warmups, runs, limitSeconds, !noPeers, only, flags.directory());
    flags.print(bench(options).run());
    return ExitStatus.OK;
  }

  private E2eBench bench(E2eBench.Options options) {
    try {
      return new E2eBench(options, flags::progress);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
