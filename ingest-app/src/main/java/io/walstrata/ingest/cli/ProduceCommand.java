package io.walstrata.ingest.cli;

import io.walstrata.ingest.produce.BaseBackupProducer;
import io.walstrata.ingest.produce.PostgresProducer;
import io.walstrata.ingest.produce.SyntheticProducer;
import io.walstrata.ingest.produce.WalFilesProducer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The producers. */
@Command(
    name = "produce",
    description =
        "Write to a WAL topic: a cluster's pages, a running PostgreSQL's WAL, WAL files, synthetic"
            + " load.",
    synopsisSubcommandLabel = "base-backup|postgres|wal-files|synthetic",
    subcommands = {
      ProduceCommand.BaseBackup.class,
      ProduceCommand.Postgres.class,
      ProduceCommand.WalFiles.class,
      ProduceCommand.Synthetic.class
    })
final class ProduceCommand {
  private static final String PASSED_ON =
      "%n  --producer.NAME=VALUE   passed to Kafka's producer; security settings to all clients%n"
          + "  --consumer.NAME=VALUE   passed to the consumer that finds the last claim%n"
          + "  --registry.NAME=VALUE   passed to the schema registry's client as NAME%n%nFlags win"
          + " over the file. On Ctrl-C and SIGTERM, what was read is sent and%n"
          + "acknowledged first. A later run resumes after the last claim in the topic.%n";

  private static final String STATUSES =
      "Exit status: 0 done, 2 wrong settings, 4 Kafka, registry or PostgreSQL cannot be%nreached, 5"
          + " failed; a signal's own when stopped by it.";

  /** The options of all producers. */
  abstract static class Producer implements Callable<Integer> {
    @Option(
        names = "--config",
        paramLabel = "FILE",
        order = -2,
        description = "Java properties file with settings.")
    private @Nullable Path file;

    @Option(
        names = "--status-s",
        paramLabel = "SECONDS",
        order = -1,
        defaultValue = "5",
        description = "Seconds between status lines; 0 for none. Default: 5.")
    private int statusSeconds;

    @Option(
        names = "--json",
        order = -1,
        description = "Print status lines as JSON objects, as WALSTRATA_LOG_FORMAT=json does too.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // Set before anything else.
    CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // Set before anything else.
    ProduceFlags flags;

    void setUp(CommandSpec command, org.apache.kafka.common.config.ConfigDef settings) {
      spec = command;
      flags = ProduceFlags.addTo(command, settings);
    }

    Map<String, String> settings() {
      return flags.settings(file);
    }

    ProduceRunner runner() {
      return new ProduceRunner(
          spec.commandLine().getOut(),
          Duration.ofSeconds(Math.max(0, statusSeconds)),
          json || LogSettings.isJson());
    }
  }

  @Command(
      name = "base-backup",
      description =
          "Write every page of a cluster into a topic, from a base backup or a running PostgreSQL"
              + " (15 to 18), before its WAL.",
      sortOptions = false,
      footer = {PASSED_ON, STATUSES})
  static final class BaseBackup extends Producer {
    @Spec
    void setSpec(CommandSpec command) {
      setUp(command, BaseBackupProducer.settings());
    }

    @Override
    public Integer call() throws Exception {
      Map<String, String> settings = withPassword(settings());
      return runner().runWithBar(() -> BaseBackupProducer.start(settings));
    }
  }

  /** Adds the password of PostgreSQL's own environment variable, if there is no other. */
  private static Map<String, String> withPassword(Map<String, String> settings) {
    @Nullable String password = System.getenv("PGPASSWORD");
    if (password != null) {
      settings.putIfAbsent("password", password);
    }
    return settings;
  }

  @Command(
      name = "postgres",
      description = "Stream a running PostgreSQL's WAL (15 to 18) into a topic, until stopped.",
      sortOptions = false,
      footer = {PASSED_ON, STATUSES})
  static final class Postgres extends Producer {
    @Spec
    void setSpec(CommandSpec command) {
      setUp(command, PostgresProducer.settings());
    }

    @Override
    public Integer call() throws Exception {
      Map<String, String> settings = withPassword(settings());
      return runner().run(() -> PostgresProducer.start(settings));
    }
  }

  @Command(
      name = "wal-files",
      description = "Write archived WAL segments into a topic.",
      sortOptions = false,
      footer = {PASSED_ON, STATUSES})
  static final class WalFiles extends Producer {
    @Parameters(
        arity = "1..*",
        paramLabel = "SEGMENT|DIR",
        description = "WAL segments, .history files, or directories with such, compressed or not.")
    private List<Path> files = new ArrayList<>();

    @Spec
    void setSpec(CommandSpec command) {
      setUp(command, WalFilesProducer.settings());
    }

    @Override
    public Integer call() throws Exception {
      Map<String, String> settings = settings();
      int status = runner().run(() -> WalFilesProducer.start(settings, files));
      spec.commandLine()
          .getOut()
          .println("a job reads this with wal.topics=" + settings.get("topic"));
      return status;
    }
  }

  @Command(
      name = "synthetic",
      description = "Make load whose content can be computed again.",
      sortOptions = false,
      footer = {PASSED_ON, STATUSES})
  static final class Synthetic extends Producer {
    @Spec
    void setSpec(CommandSpec command) {
      setUp(command, SyntheticProducer.settings());
    }

    @Override
    public Integer call() throws Exception {
      Map<String, String> settings = settings();
      return runner().runWithBar(() -> SyntheticProducer.start(settings));
    }
  }
}
