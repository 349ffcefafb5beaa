package io.walstrata.harness.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program that does the same work as Neon's ingest benchmark, and measures it.
 *
 * <p>It is called with {@code --runs 1 --volume-mib N --only TEXT}, the directory for its data in
 * {@code DATA}, and prints a Markdown table, other lines around it: the columns {@code value B},
 * {@code key layout}, {@code write_delta} and {@code reader} name the cell, {@code s median} is
 * what it took, {@code range reads/s} what the reader did meanwhile.
 */
final class NeonScript {
  /**
   * One run of a cell.
   *
   * @param totalSeconds what it took
   * @param readsPerSecond ranges read while versions were put; 0 without a reader
   */
  record Sample(double totalSeconds, double readsPerSecond) {}

  private static final String FIRST_HEADING = "value B";

  private final Path script;
  private final Path directory;

  /**
   * @param directory exists, on the disk to be measured
   */
  NeonScript(Path script, Path directory) {
    this.script = script.toAbsolutePath();
    this.directory = directory;
  }

  /** Runs it once, and returns the results of the cells that it has. */
  Map<IngestCell, Sample> run(int volumeMib, String only) throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "neon-", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
            script.toString(),
            "--runs",
            "1",
            "--volume-mib",
            String.valueOf(volumeMib),
            "--only",
            only);
    builder.environment().put("DATA", directory.toString());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Process process = builder.start();
    int status;
    try {
      status = process.waitFor();
    } finally {
      process.destroy();
    }
    if (status != 0) {
      throw new IOException(
          "script failed: script="
              + script
              + ", status="
              + status
              + ", output="
              + Files.readString(output).strip());
    }
    return parse(Files.readAllLines(output));
  }

  /**
   * Reads the table.
   *
   * @throws IOException if there is none, or a row of it is something else
   */
  static Map<IngestCell, Sample> parse(List<String> lines) throws IOException {
    Map<IngestCell, Sample> samples = new HashMap<>();
    List<String> headings = List.of();
    for (String line : lines) {
      if (line.startsWith("|") && !line.startsWith("|-")) {
        List<String> row = cells(line);
        if (row.contains(FIRST_HEADING)) {
          headings = row;
        } else {
          read(headings, row, samples);
        }
      }
    }
    if (headings.isEmpty()) {
      throw new IOException("the script printed no table: output=" + String.join("\n", lines));
    }
    return samples;
  }

  private static List<String> cells(String line) {
    return Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
  }

  private static void read(List<String> headings, List<String> row, Map<IngestCell, Sample> samples)
      throws IOException {
    try {
      IngestCell cell =
          new IngestCell(
              Integer.parseInt(row.get(headings.indexOf(FIRST_HEADING))),
              KeyLayout.labelled(row.get(headings.indexOf("key layout"))),
              row.get(headings.indexOf("write_delta")).equals(IngestCell.yesNo(true)),
              row.get(headings.indexOf("reader")).equals(IngestCell.yesNo(true)));
      double seconds = Double.parseDouble(row.get(headings.indexOf("s median")));
      double reads =
          cell.reader() ? Double.parseDouble(row.get(headings.indexOf("range reads/s"))) : 0;
      samples.put(cell, new Sample(seconds, reads));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException("not a row of results: headings=" + headings + ", row=" + row, e);
    }
  }
}
