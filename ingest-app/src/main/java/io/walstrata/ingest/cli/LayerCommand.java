package io.walstrata.ingest.cli;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.LayerFileInfo;
import io.walstrata.layerstore.LayerFileReport;
import io.walstrata.layerstore.LayerFiles;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks into delta files, with nothing else running. */
@Command(
    name = "layer",
    description = "Look into delta files; nothing else needs to run. Nothing is written.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Exit status: 0 intact, 1 damaged, 2 wrong usage, 5 cannot be read."})
final class LayerCommand {
  @Spec private CommandSpec spec;

  /** What a value is, in the words of the WAL it comes from. */
  private static ValueDescriber describer() {
    return ValueDescriber.LENGTH;
  }

  @Command(
      name = "info",
      description = "Print what a delta file says of itself: ranges, counts, sizes.")
  int info(@Parameters(paramLabel = "FILE", arity = "1..*") List<Path> files) throws IOException {
    return each(files, (file, out) -> print(LayerFiles.info(file), out));
  }

  @Command(
      name = "dump",
      description = "Print every tombstone and version of a delta file, one a line.")
  int dump(@Parameters(paramLabel = "FILE", arity = "1..*") List<Path> files) throws IOException {
    return each(files, (file, out) -> LayerFiles.dump(file, describer(), out::println));
  }

  @Command(
      name = "verify",
      description = {
        "Check every byte of delta files: checksums, order, counts, ranges, names.",
        "A directory stands for the layer files in it and below it."
      })
  int verify(@Parameters(paramLabel = "FILE|DIR", arity = "1..*") List<Path> paths)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<Path> files = layerFiles(paths);
    int damaged = 0;
    for (Path file : files) {
      LayerFileReport report = LayerFiles.verify(readable(file));
      if (report.isIntact()) {
        out.println("OK       " + file + report.info().map(LayerCommand::summary).orElse(""));
      } else {
        damaged++;
        out.println("DAMAGED  " + file + "  " + report.problem().orElse(""));
      }
    }
    out.println(files.size() + " files, " + damaged + " damaged");
    out.flush();
    return damaged == 0 ? ExitStatus.OK : ExitStatus.NO;
  }

  private static String summary(LayerFileInfo info) {
    return "  " + info.layer().versions() + " versions, " + info.layer().lsnRange();
  }

  /** What one of the commands does with a file. */
  private interface Look {
    void at(Path file, PrintWriter out) throws IOException;
  }

  private int each(List<Path> files, Look look) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    int status = ExitStatus.OK;
    for (Path file : files) {
      try {
        look.at(readable(file), out);
      } catch (CorruptLayerException e) {
        out.flush();
        spec.commandLine().getErr().println("walstrata: " + e.getMessage());
        status = ExitStatus.NO;
      }
    }
    out.flush();
    return status;
  }

  private static void print(LayerFileInfo info, PrintWriter out) {
    LayerDesc layer = info.layer();
    out.println("file            " + info.file());
    out.println("name            " + layer.name());
    out.println("format version  " + info.formatVersion());
    out.println("state           " + layer.state().name().toLowerCase(Locale.ROOT));
    out.println("timeline        " + layer.timeline());
    out.println("keys            " + layer.keyRange());
    out.println("lsns            " + layer.lsnRange());
    out.println("offsets         " + layer.startOffset() + "-" + layer.endOffset());
    out.println("versions        " + layer.versions() + " of " + info.keys() + " keys");
    out.println("tombstones      " + layer.tombstones());
    out.println("value bytes     " + info.valueBytes());
    out.println("file bytes      " + layer.sizeBytes() + " in " + info.blocks() + " blocks");
  }

  private static Path readable(Path file) throws NoSuchFileException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException("no such file: file=" + file);
    }
    return file;
  }

  private static List<Path> layerFiles(List<Path> paths) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        try (Stream<Path> below = Files.walk(path)) {
          below.filter(LayerCommand::isLayerFile).sorted().forEach(files::add);
        }
      } else {
        files.add(path);
      }
    }
    return files;
  }

  private static boolean isLayerFile(Path file) {
    return Files.isRegularFile(file);
  }
}
