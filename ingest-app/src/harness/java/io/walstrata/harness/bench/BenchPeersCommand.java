package io.walstrata.harness.bench;

import io.walstrata.ingest.cli.ExitStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The engine beside Kafka Streams' own stores. */
@Command(
    name = "peers",
    description = {
      "Compare the engine with stores of Kafka Streams that could do its work, on the same data:"
          + " RocksDB with key and LSN as key, and the versioned store. Each run begins with"
          + " another store.",
      "What is measured, and how, is in layer-store/docs/benchmarks.md."
    },
    footer = {"", "Exit status: 0 done, 2 wrong usage, 5 failed."})
final class BenchPeersCommand implements Callable<Integer> {
  @Mixin private BenchFlags flags;

  @Mixin
  private final BenchRuns load =
      new BenchRuns(
          /* runs= */ 3, /* warmups= */ 1, /* volumeMib= */ 128, /* maxVolumeMib= */ 1024);

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

  @Override
  public Integer call() throws Exception {
    load.check(flags);
    flags.check("--limit-s", limitSeconds, 1, 3600);
    flags.check("--read-ms", readMillis, 1, 60_000);
    PeerBench.Options options =
        new PeerBench.Options(
            load.volumeMib(),
            load.warmups(),
            load.runs(),
            limitSeconds,
            readMillis,
            only,
            flags.directory());
    flags.print(load.make(() -> new PeerBench(options, flags::progress)).run());
    return ExitStatus.OK;
  }
}
