package io.walstrata.harness.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.walstrata.ingest.cli.Table;
import io.walstrata.ingest.http.Json;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all benchmarks have: where the data goes, and how results are printed. */
final class BenchFlags {
  private static final ObjectWriter JSON = Json.MAPPER.writerWithDefaultPrettyPrinter();

  /** How results are printed. */
  enum Format {
    TABLE,
    TSV,
    JSON
  }

  @Option(
      names = "--format",
      paramLabel = "table|tsv|json",
      defaultValue = "table",
      description = "How results are printed; JSON has those of each run too. Default: table.")
  private Format format;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "${sys:java.io.tmpdir}",
      description =
          "Directory on the disk to measure; what is written to it is deleted at the end. Default:"
              + " that for temporary files, which may be in memory.")
  private Path directory;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Returns an existing directory for the data. */
  Path directory() {
    if (!Files.isDirectory(directory)) {
      throw new ParameterException(
          spec.commandLine(), "no such directory: --dir " + directory + "; create it first");
    }
    return directory;
  }

  /** Refuses a number outside its range. */
  void check(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new ParameterException(
          spec.commandLine(), name + " must be " + min + " to " + max + ": " + name + "=" + value);
    }
  }

  /** Prints what is being done to standard error, apart from results. */
  void progress(String what) {
    CommandLine command = spec.commandLine();
    command.getErr().println(command.getCommandName() + ": " + what);
    command.getErr().flush();
  }

  void print(Report report) throws JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case TABLE -> printTables(report, out);
      case TSV -> printTsv(report, out);
      case JSON -> out.println(JSON.writeValueAsString(objects(report)));
    }
    out.flush();
  }

  private static void printTables(Report report, PrintWriter out) {
    report.facts().forEach((name, value) -> out.println(name + ": " + value));
    for (ResultTable results : report.results()) {
      out.println();
      Table table = new Table(results.headings().toArray(String[]::new));
      results.rows().forEach(row -> table.row(texts(row).toArray()));
      table.print(out);
    }
  }

  private static void printTsv(Report report, PrintWriter out) {
    report.facts().forEach((name, value) -> out.println("# " + name + ": " + value));
    for (ResultTable results : report.results()) {
      out.println("# table: " + results.name());
      out.println(String.join("\t", results.headings()));
      results.rows().forEach(row -> out.println(String.join("\t", texts(row))));
    }
  }

  private static Map<String, Object> objects(Report report) {
    Map<String, Object> objects = new LinkedHashMap<>();
    objects.put("facts", report.facts());
    report.results().forEach(table -> objects.put(table.name(), objects(table)));
    report.samples().forEach(table -> objects.put(table.name(), objects(table)));
    return objects;
  }

  private static List<String> texts(List<@Nullable Object> row) {
    return row.stream().map(cell -> cell == null ? "-" : cell.toString()).toList();
  }

  private static List<Map<String, @Nullable Object>> objects(ResultTable table) {
    List<Map<String, @Nullable Object>> objects = new ArrayList<>();
    for (List<@Nullable Object> row : table.rows()) {
      Map<String, @Nullable Object> object = new LinkedHashMap<>();
      for (int i = 0; i < row.size(); i++) {
        object.put(table.headings().get(i), row.get(i));
      }
      objects.add(object);
    }
    return objects;
  }
}
