package io.walstrata.harness.bench;

import io.walstrata.ingest.cli.ExitStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The engine beside Kafka Streams' own stores. */
@Command(
    name = "peers",
    description = {
      "Compare the engine with stores of Kafka Streams that could do its work, on the same data:"
          + " RocksDB with key and LSN as key, and the versioned store.",
      "What is measured, and how, is in layer-store/docs/benchmarks.md."
    },
    footer = {"", "Exit status: 0 done, 2 wrong usage, 5 failed."})
final class BenchPeersCommand implements Callable<Integer> {
  @Mixin private BenchFlags flags;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds that count; each begins with another store. Default: 3.")
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
      defaultValue = "128",
      description = "What each store is given, in MiB of values. Default: 128.")
  private int volumeMib;

  @Option(
      names = "--limit-s",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description =
          "End the puts of a store after this time; what it has taken by then counts. Default: 20.")
  private int limitSeconds;

  @Option(
      names = "--read-ms",
      paramLabel = "MS",
      defaultValue = "1000",
      description = "How long each kind of read is done in a round. Default: 1000.")
  private int readMillis;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      defaultValue = "",
      description =
          "Only workloads whose name contains this: 'hot | 100', 'hot | 8192', 'spread | 100',"
              + " 'spread | 8192'.")
  private String only;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    flags.check("--runs", runs, 1, 1000);
    flags.check("--warmup", warmups, 0, 1000);
    flags.check("--volume-mib", volumeMib, 1, 1024);
    flags.check("--limit-s", limitSeconds, 1, 3600);
    flags.check("--read-ms", readMillis, 1, 60_000);
    PeerBench.Options options =
        new PeerBench.Options(
            volumeMib, warmups, runs, limitSeconds, readMillis, only, flags.directory());
    flags.print(bench(options).run());
    return ExitStatus.OK;
  }

  private PeerBench bench(PeerBench.Options options) {
    try {
      return new PeerBench(options, flags::progress);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
