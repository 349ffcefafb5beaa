package io.walstrata.harness.demo;

import io.walstrata.harness.servers.ServerException;
import io.walstrata.ingest.cli.CommandFailedException;
import io.walstrata.ingest.cli.ExitStatus;
import io.walstrata.ingest.cli.HarnessCommand;
import io.walstrata.ingest.produce.ProduceException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the whole path on one machine. */
@Command(
    name = "demo",
    description = {
      "Show the whole path on this machine: a PostgreSQL, a Kafka broker, a schema registry and the"
          + " job are started on loopback, some SQL runs, and one heap page is read as of three"
          + " LSNs.",
      "It runs until Ctrl-C, so that you can try it. Ctrl-C stops everything and deletes the files."
    },
    footer = {"", "Exit status: 0 shown, 2 wrong usage, 5 failed."})
public final class DemoCommand implements HarnessCommand, Callable<Integer> {
  @Option(names = "--exit", description = "End after the reads.")
  private boolean exit;

  @Option(
      names = "--source",
      paramLabel = "postgres|synthetic",
      description =
          "Where the WAL comes from: a PostgreSQL, or generated load. Default: PostgreSQL where it"
              + " can run, else generated load.")
  private Demo.@Nullable Source source;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Folder for everything, absent or empty. Default: a new temporary one.")
  private @Nullable Path directory;

  @Option(names = "--keep", description = "Leave the folder with data and logs at the end.")
  private boolean keep;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Demo.Options options = new Demo.Options(source, exit, directory, keep);
    try (Demo demo = Demo.prepare(options, spec.commandLine().getOut())) {
      demo.run();
      return ExitStatus.OK;
    } catch (ServerException | DemoFailedException | ProduceException e) {
      throw new CommandFailedException(ExitStatus.FAILED, String.valueOf(e.getMessage()), e);
    }
  }
}
