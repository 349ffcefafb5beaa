package io.walstrata.ingest.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the help of a command: picocli's own takes no command below another one. */
@Command(
    name = "help",
    description = "Print the help of a command, as the command's --help does.",
    footer = {"", "Exit status: 0 done, 2 no such command."})
final class HelpCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..*",
      description = "A command, and one below it: help layer dump. Default: all commands.")
  private final List<String> path = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine command = spec.root().commandLine();
    for (String name : path) {
      CommandLine below = command.getSubcommands().get(name);
      if (below == null) {
        throw new ParameterException(
            spec.commandLine(),
            "no such command: "
                + String.join(" ", path)
                + ", known are "
                + String.join(", ", command.getSubcommands().keySet()));
      }
      command = below;
    }
    PrintWriter out = spec.commandLine().getOut();
    command.usage(out, spec.commandLine().getColorScheme());
    out.flush();
    return ExitStatus.OK;
  }
}
