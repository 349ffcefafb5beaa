package io.walstrata.ingest.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line's entry. A command is a class with picocli's {@link Command} annotation and
 * {@code Callable<Integer>}; it becomes visible by a line in {@link #commands}.
 */
@Command(
    name = "walstrata",
    versionProvider = Version.class,
    description = "Write-ahead-log topics in, immutable layers out: any page as of any LSN.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit status: 0 done or found, 1 the answer is no (absent, dropped, damaged),",
      "2 wrong usage, 3 the LSN is not reached yet, 4 job or broker cannot be asked,",
      "5 failed.",
      "",
      "'walstrata COMMAND --help' tells about a command."
    })
public final class Main {
  /** See log4j2.properties. */
  private static final String LOG_LEVEL = "walstrata.log.level";

  private static final String CLIENTS_LOG_LEVEL = "walstrata.clients.log.level";

  /** In the order in which help lists them. */
  private static List<Object> commands() {
    return List.of(
        new DemoCommand(),
        new RunCommand(),
        new ConfigCommand(),
        new SchemaCommand(),
        new ProduceCommand(),
        new TimelinesCommand(),
        new LayersCommand(),
        new GetCommand(),
        new DlqCommand(),
        new LayerCommand(),
        new WalCommand(),
        new BenchCommand(),
        new SoakCommand());
  }

  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    // Before the first logger is made. Other commands only warn: their output is the answer.
    if (args.length > 0 && args[0].equals("run") && System.getProperty(LOG_LEVEL) == null) {
      System.setProperty(LOG_LEVEL, "info");
    }
    if (args.length > 0
        && List.of("soak", "bench").contains(args[0])
        && System.getProperty(CLIENTS_LOG_LEVEL) == null) {
      // Brokers are killed there, and whole applications end: clients' complaints are no news.
      System.setProperty(CLIENTS_LOG_LEVEL, "error");
    }
    System.exit(commandLine().execute(args));
  }

  /** Returns the command line with every command in it, for {@link #main} and for tests. */
  static CommandLine commandLine() {
    CommandLine root = new CommandLine(new Main());
    for (Object command : commands()) {
      root.addSubcommand(command);
    }
    addHelp(root);
    root.setExecutionExceptionHandler(new Failures());
    root.setUsageHelpAutoWidth(true);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    return root;
  }

  /** Gives {@code --help} and {@code --version} to every command that does not declare its own. */
  private static void addHelp(CommandLine command) {
    CommandLine.Model.CommandSpec spec = command.getCommandSpec();
    if (spec.findOption("--help") == null) {
      spec.mixinStandardHelpOptions(true);
    }
    if (spec.versionProvider() == null) {
      spec.versionProvider(new Version());
    }
    command.getSubcommands().values().forEach(Main::addHelp);
  }
}
