package io.walstrata.ingest.cli;

import io.walstrata.ingest.start.ClassPreload;
import java.io.File;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line's entry. A command is a class with picocli's {@link Command} annotation and
 * {@code Callable<Integer>}; it becomes visible by a line in {@link #commands}, or as a {@link
 * HarnessCommand}.
 */
@Command(
    name = "walstrata",
    versionProvider = Version.class,
    description = "Write-ahead-log topics in, immutable layers out: any page as of any LSN.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit status: 0 done or found, 1 the answer is no (dropped, unknown, damaged),",
      "2 wrong usage, 3 the LSN is not reached yet, 4 job or broker does not answer,",
      "5 failed, 6 history begins after the page or the LSN, 7 a file's format version",
      "is not known.",
      "",
      "'walstrata help COMMAND' and 'walstrata COMMAND --help' print a command's help."
    })
public final class Main {
  /**
   * The launcher's property for a file that keeps room on the disk for the classes that the JVM
   * writes when it ends: deleted before that, after all else.
   */
  private static final String RESERVE = "walstrata.reserve";

  private static final Set<String> ABOUT_COMMANDS = Set.of("completion", "help");

  /**
   * Returns the commands in the order in which help lists them. Made when asked for: one takes
   * classes of all kinds.
   *
   * @param harness commands of the harness, by name; none without it
   */
  private static Map<String, Supplier<Object>> commands(Map<String, Supplier<Object>> harness) {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    putIfPresent(commands, "demo", harness);
    commands.put("run", RunCommand::new);
    commands.put("config", ConfigCommand::new);
    commands.put("schema", SchemaCommand::new);
    commands.put("produce", ProduceCommand::new);
    commands.put("status", StatusCommand::new);
    commands.put("timelines", TimelinesCommand::new);
    commands.put("layers", LayersCommand::new);
    commands.put("get", GetCommand::new);
    commands.put("size", SizeCommand::new);
    commands.put("dlq", DlqCommand::new);
    commands.put("layer", LayerCommand::new);
    commands.put("wal", WalCommand::new);
    putIfPresent(commands, "bench", harness);
    putIfPresent(commands, "soak", harness);
    commands.put("completion", CompletionCommand::new);
    commands.put("help", HelpCommand::new);
    return commands;
  }

  private static void putIfPresent(
      Map<String, Supplier<Object>> commands, String name, Map<String, Supplier<Object>> harness) {
    Supplier<Object> command = harness.get(name);
    if (command != null) {
      commands.put(name, command);
    }
  }

  /** Returns the commands of the harness that are on the class path. */
  private static Map<String, Supplier<Object>> harness() {
    Map<String, Supplier<Object>> harness = new HashMap<>();
    ServiceLoader.load(HarnessCommand.class).stream()
        .forEach(each -> harness.put(each.type().getAnnotation(Command.class).name(), each::get));
    return harness;
  }

  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    String reserve = System.getProperty(RESERVE);
    if (reserve != null) {
      new File(reserve).deleteOnExit();
    }
    try {
      LogSettings.apply(args.length == 0 ? "" : args[0], System.getenv());
      PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
      LogSettings.mistyped(System.getenv()).forEach(note -> LogSettings.report(err, note, null));
    } catch (CommandFailedException e) {
      System.err.println("walstrata: " + e.getMessage());
      System.exit(e.exitStatus());
    }
    if (args.length > 1 && args[0].equals("run")) {
      ClassPreload.begin();
    }
    CommandLine command = commandLine(args);
    command.setOut(new PrintWriter(new RawWriter(System.out), /* autoFlush= */ true));
    System.exit(command.execute(args));
  }

  /**
   * Returns the command line for these arguments, with the one command in it that they name, or all
   * for one that is about commands.
   */
  static CommandLine commandLine(String[] args) {
    if (args.length == 0 || ABOUT_COMMANDS.contains(args[0])) {
      return commandLine();
    }
    // The harness is looked for in all jars, which a command of the job need not wait for.
    Supplier<Object> named = commands(Map.of()).get(args[0]);
    if (named == null) {
      named = commands(harness()).get(args[0]);
    }
    return named == null ? commandLine() : commandLine(List.of(named));
  }

  /** Returns the command line with every command in it. */
  static CommandLine commandLine() {
    return commandLine(commands(harness()).values());
  }

  private static CommandLine commandLine(Collection<Supplier<Object>> commands) {
    CommandLine root = new CommandLine(new Main());
    commands.forEach(command -> root.addSubcommand(command.get()));
    addHelp(root);
    root.setExecutionExceptionHandler(new Failures());
    root.setParameterExceptionHandler(new WrongUsage(root.getParameterExceptionHandler()));
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
