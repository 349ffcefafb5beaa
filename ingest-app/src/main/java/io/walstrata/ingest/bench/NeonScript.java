package io.walstrata.ingest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program that does the same work as Neon's ingest benchmark, and measures it.
 *
 * <p>It is called with {@code --runs 1 --volume-mib N --only TEXT --csv FILE}, the directory for
 * its data in {@code DATA}, and writes a file of comma-separated values with a heading: {@code
 * value_bytes}, {@code layout}, {@code write_delta} and {@code reader} name the cell, {@code total}
 * is what it took, in seconds.
 */
final class NeonScript {
  private final Path script;
  private final Path directory;

  /**
   * @param directory exists, on the disk to be measured
   */
  NeonScript(Path script, Path directory) {
    this.script = script.toAbsolutePath();
    this.directory = directory;
  }

  /** Runs it once, and returns the seconds of the cells that it has. */
  Map<IngestCell, Double> run(int volumeMib, String only) throws IOException, InterruptedException {
    Path csv = Files.createTempFile(directory, "neon-", ".csv");
    Path output = Files.createTempFile(directory, "neon-", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
            script.toString(),
            "--runs",
            "1",
            "--volume-mib",
            String.valueOf(volumeMib),
            "--only",
            only,
            "--csv",
            csv.toString());
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
    return parse(Files.readAllLines(csv));
  }

  static Map<IngestCell, Double> parse(List<String> lines) throws IOException {
    Map<IngestCell, Double> seconds = new HashMap<>();
    if (lines.isEmpty()) {
      return seconds;
    }
    List<String> headings = List.of(lines.get(0).split(",", -1));
    for (String line : lines.subList(1, lines.size())) {
      try {
        String[] fields = line.split(",", -1);
        IngestCell cell =
            new IngestCell(
                Integer.parseInt(fields[headings.indexOf("value_bytes")]),
                KeyLayout.labelled(fields[headings.indexOf("layout")]),
                Boolean.parseBoolean(fields[headings.indexOf("write_delta")]),
                Boolean.parseBoolean(fields[headings.indexOf("reader")]));
        seconds.put(cell, Double.valueOf(fields[headings.indexOf("total")]));
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        throw new IOException("not a line of results: headings=" + headings + ", line=" + line, e);
      }
    }
    return seconds;
  }
}
