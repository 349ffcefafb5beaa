package io.walstrata.harness.bench;

import io.walstrata.ingest.cli.ExitStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** From a topic to a store that answers reads. */
@Command(
    name = "e2e",
    description = {
      "Measure how fast a topic gets into a store that answers reads, on a broker that is started"
          + " for it: the job's topology, a plain consumer of the same topic, and Kafka Streams"
          + " with RocksDB and with its versioned store. Each run begins with another system.",
      "What is measured, and how, is in ingest-app/docs/benchmarks.md."
    },
    footer = {"", "Exit status: 0 done, 2 wrong usage, 5 failed."})
final class BenchE2eCommand implements Callable<Integer> {
  @Mixin private BenchFlags flags;

  @Mixin
  private final BenchRuns load =
      new BenchRuns(
          /* runs= */ 3, /* warmups= */ 1, /* volumeMib= */ 256, /* maxVolumeMib= */ 64 << 10);

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

  @Override
  public Integer call() throws Exception {
    load.check(flags);
    flags.check("--limit-s", limitSeconds, 1, 3600);
    E2eBench.Options options =
        new E2eBench.Options(
            load.volumeMib(),
            load.warmups(),
            load.runs(),
            limitSeconds,
            !noPeers,
            only,
            flags.directory());
    flags.print(load.make(() -> new E2eBench(options, flags::progress)).run());
    return ExitStatus.OK;
  }
}
