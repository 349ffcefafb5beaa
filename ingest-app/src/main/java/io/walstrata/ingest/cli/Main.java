package io.walstrata.ingest.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line's entry. A command is a class with picocli's {@link Command} annotation and
 * {@code Callable<Integer>}; it becomes visible by a line in {@link #COMMANDS}.
 */
@Command(
    name = "walstrata",
    versionProvider = Version.class,
    description = "Write-ahead-log topics in, immutable layers out: any page as of any LSN.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit status: 0 done or found, 1 the answer is no (absent, dropped, damaged),",
      "2 wrong usage, 3 the LSN is not reached yet, 4 the job cannot be asked, 5 failed.",
      "",
      "'walstrata COMMAND --help' tells about a command."
    })
public final class Main {
  /** In the order in which help lists them. */
  private static final Object[] COMMANDS = {new ProduceCommand()};

  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** Returns the command line with every command in it, for {@link #main} and for tests. */
  static CommandLine commandLine() {
    CommandLine root = new CommandLine(new Main());
    for (Object command : COMMANDS) {
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
