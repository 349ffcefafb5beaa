package io.walstrata.ingest.cli;

import io.walstrata.schemas.serde.WalSchemas;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the Avro schemas, for producers in other languages. */
@Command(
    name = "schema",
    description = {
      "Print the Avro schema of a WAL message, self-contained, to register or to generate code from.",
      "Without a name, list the messages."
    })
final class SchemaCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The message, for instance WalRecord.")
  private @Nullable String name;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (name == null) {
      WalSchemas.names().forEach(out::println);
    } else {
      out.println(text(name));
    }
    out.flush();
    return ExitStatus.OK;
  }

  private static String text(String name) {
    try {
      return WalSchemas.text(name);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    }
  }
}
