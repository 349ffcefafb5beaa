package io.walstrata.ingest.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.ingest.bench.Report;
import io.walstrata.ingest.bench.ResultTable;
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
  private static final ObjectMapper JSON = new ObjectMapper();

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
          "Directory on the disk to measure; nothing is left in it. Default: that for temporary"
              + " files, which may be in memory.")
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

  /** Says what is being done, where it does not mix with results. */
  void progress(String what) {
    CommandLine command = spec.commandLine();
    command.getErr().println(command.getCommandName() + ": " + what);
    command.getErr().flush();
  }

  void print(Report report) throws JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case TABLE -> {
        report.facts().forEach((name, value) -> out.println(name + ": " + value));
        out.println();
        ResultTable results = report.results();
        Table table = new Table(results.headings().toArray(String[]::new));
        results.rows().forEach(row -> table.row(texts(row).toArray()));
        table.print(out);
      }
      case TSV -> {
        report.facts().forEach((name, value) -> out.println("# " + name + ": " + value));
        out.println(String.join("\t", report.results().headings()));
        report.results().rows().forEach(row -> out.println(String.join("\t", texts(row))));
      }
      case JSON ->
          out.println(
              JSON.writerWithDefaultPrettyPrinter()
                  .writeValueAsString(
                      Map.of(
                          "facts", report.facts(),
                          "results", objects(report.results()),
                          "samples", objects(report.samples()))));
    }
    out.flush();
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
