package io.walstrata.ingest.cli;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.walstrata.ingest.http.Json;
import io.walstrata.schemas.serde.WalSchemas;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the Avro schemas, for producers in other languages. */
@Command(
    name = "schema",
    description = {
      "Print the Avro schema of a WAL message, self-contained, to register or to generate code"
          + " from.",
      "Without a name, list the messages."
    })
final class SchemaCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The message, for instance WalRecord.")
  private @Nullable String name;

  @Option(
      names = "--json",
      description = "Print one JSON object per line: of each message its name and its schema.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** A line of JSON. */
  record Line(String name, @JsonRawValue String schema) {
    static Line of(String name) {
      return new Line(name, oneLine(text(name)));
    }
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      List<String> names = name == null ? List.copyOf(WalSchemas.names()) : List.of(name);
      names.forEach(each -> out.println(Json.text(Line.of(each))));
    } else if (name == null) {
      WalSchemas.names().forEach(out::println);
    } else {
      out.println(text(name));
    }
    out.flush();
    return ExitStatus.OK;
  }

  private static String oneLine(String schema) {
    return schema.lines().map(String::strip).collect(Collectors.joining(" "));
  }

  private static String text(String name) {
    try {
      return WalSchemas.text(name);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    }
  }
}
