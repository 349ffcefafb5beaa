package io.walstrata.ingest.cli;

import io.walstrata.ingest.IngestJob;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.start.StartupException;
import io.walstrata.ingest.status.Reasons;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Runs an instance of the job until it is stopped. */
@Command(
    name = "run",
    description = "Run the job: ingest WAL topics into layers, answer reads over HTTP.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
      "",
      "  --streams.NAME=VALUE    passed to Kafka Streams and its clients as NAME",
      "  --registry.NAME=VALUE   passed to the schema registry's client as NAME",
      "",
      "Flags win over the file. Stop with Ctrl-C or SIGTERM: nothing is lost, what is",
      "not durable yet is read from the topic again.",
      "",
      "Exit status: 0 or the signal's when stopped, 2 bad configuration, 4 broker or",
      "topics are missing or do not fit the layers, 5 failed while running."
    })
final class RunCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      order = -1,
      description = "Java properties file with settings.")
  private @Nullable Path file;

  @Unmatched private final List<String> others = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // picocli calls setSpec before anything else
  private ConfigFlags flags;

  @Spec
  void setSpec(CommandSpec spec) {
    flags = ConfigFlags.addTo(spec);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    IngestConfig config = IngestConfig.of(flags.settings(file, others));
    IngestJob job = new IngestJob(config);
    Thread closer = new Thread(job::close, "shutdown");
    Runtime.getRuntime().addShutdownHook(closer);
    try {
      job.start();
      Throwable failure = job.awaitEnd();
      if (failure != null) {
        throw new CommandFailedException(
            ExitStatus.FAILED, "the job failed: " + Reasons.of(failure), failure);
      }
      return ExitStatus.OK;
    } catch (StartupException e) {
      throw new CommandFailedException(
          ExitStatus.UNAVAILABLE, "the job cannot start: " + e.getMessage(), e);
    } finally {
      job.close();
    }
  }
}
