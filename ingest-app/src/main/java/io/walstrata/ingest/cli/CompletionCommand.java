package io.walstrata.ingest.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the script that completes commands and options in a shell. */
@Command(
    name = "completion",
    description = {
      "Print a script for bash and zsh that completes commands and options.",
      "In ~/.bashrc or ~/.zshrc: source <(walstrata completion)"
    },
    footer = {"", "Exit status: 0 done, 2 wrong usage."})
final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(AutoComplete.bash("walstrata", spec.root().commandLine()));
    out.print('\n');
    out.flush();
    return ExitStatus.OK;
  }
}
