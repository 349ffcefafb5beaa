package io.walstrata.harness.bench;

import io.walstrata.ingest.cli.ExitStatus;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** From the start of a killed job's process to its first answer. */
@Command(
    name = "restart",
    description = {
      "Measure how long a job that was killed takes from the start of its process to its first"
          + " right answer, by the size of its layers, on a broker that is started for it; beside"
          + " it, jobs with Kafka Streams' RocksDB and versioned store.",
      "What is measured, and how, is in ingest-app/docs/benchmarks.md."
    },
    footer = {"", "Exit status: 0 done, 2 wrong usage, 5 failed."})
final class BenchRestartCommand implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,6})(MB|GB)");

  @Mixin private BenchFlags flags;

  @Option(
      names = "--sizes",
      paramLabel = "SIZE",
      split = ",",
      defaultValue = "10MB,100MB,1GB,10GB",
      description =
          "Values in the layers; those that do not fit on the disk are skipped. Default:"
              + " 10MB,100MB,1GB,10GB.")
  private List<String> sizes;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Kills and starts of each with its task directory, and as many without. Default: 3.")
  private int runs;

  @Option(
      names = "--peer-size",
      paramLabel = "SIZE",
      defaultValue = "100MB",
      description =
          "Measure Kafka Streams' own stores up to this size; 0MB for never. Default: 100MB.")
  private String peerSize;

  @Option(
      names = "--limit-s",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Stop a peer that takes longer to fill or to start. Default: 60.")
  private int limitSeconds;

  @Option(
      names = "--guarantee",
      paramLabel = "GUARANTEE",
      split = ",",
      defaultValue = "at_least_once,exactly_once_v2",
      description = "Processing guarantees. Default: at_least_once,exactly_once_v2.")
  private List<String> guarantees;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    flags.check("--runs", runs, 1, 1000);
    flags.check("--limit-s", limitSeconds, 1, 3600);
    RestartBench.Options options =
        new RestartBench.Options(
            sizes.stream().map(this::bytes).toList(),
            runs,
            bytes(peerSize),
            limitSeconds,
            guarantees,
            flags.directory());
    flags.print(new RestartBench(options, flags::progress).run());
    return ExitStatus.OK;
  }

  private long bytes(String size) {
    Matcher matcher = SIZE.matcher(size.toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new ParameterException(spec.commandLine(), "not a size like 100MB or 10GB: " + size);
    }
    return Long.parseLong(matcher.group(1)) << (matcher.group(2).equals("MB") ? 20 : 30);
  }
}
