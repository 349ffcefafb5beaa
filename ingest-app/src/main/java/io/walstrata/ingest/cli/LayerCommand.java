package io.walstrata.ingest.cli;

import io.walstrata.ingest.pgwal.PgWalText;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.LayerFileInfo;
import io.walstrata.layerstore.LayerFileReport;
import io.walstrata.layerstore.LayerFiles;
import io.walstrata.layerstore.page.CorruptLayerException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks into delta files, with nothing else running. */
@Command(
    name = "layer",
    description = "Look into delta files; nothing else needs to run.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {LayerCommand.Info.class, LayerCommand.Dump.class, LayerCommand.Verify.class},
    footer = {"", "Exit status: 0 intact, 1 damaged, 2 wrong usage, 5 cannot be read."})
final class LayerCommand {
  private static final String SUFFIX = ".delta";

  private static Path readable(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailedException(ExitStatus.FAILED, "no such file: file=" + file);
    }
    return file;
  }

  /** Does something with each file; one that is damaged does not keep it from the next. */
  abstract static class EachFile implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Delta files.")
    private List<Path> files;

    @Spec private CommandSpec spec;

    /** Prints what is asked for. */
    abstract void print(Path file, PrintWriter out) throws IOException;

    @Override
    public final Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      int status = ExitStatus.OK;
      for (Path file : files) {
        try {
          print(readable(file), out);
        } catch (CorruptLayerException e) {
          out.flush();
          spec.commandLine().getErr().println("walstrata: " + e.getMessage());
          status = ExitStatus.NO;
        }
      }
      out.flush();
      return status;
    }
  }

  /** Prints header and footer. */
  @Command(
      name = "info",
      description = "Print what a delta file says of itself: ranges, counts, sizes.",
      footer = {"", "Exit status: 0 done, 1 damaged, 2 wrong usage, 5 cannot be read."})
  static final class Info extends EachFile {
    @Override
    void print(Path file, PrintWriter out) throws IOException {
      LayerFileInfo info = LayerFiles.info(file);
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
      out.println("digest          " + HexFormat.of().toHexDigits(info.contentDigest()));
    }
  }

  /** Prints all content. */
  @Command(
      name = "dump",
      description = {
        "Print every tombstone and version of a delta file, one a line.",
        "Values that come from PostgreSQL are described; points in time are UTC."
      },
      footer = {"", "Exit status: 0 done, 1 damaged, 2 wrong usage, 5 cannot be read."})
  static final class Dump extends EachFile {
    @Override
    void print(Path file, PrintWriter out) throws IOException {
      LayerFiles.dump(file, (key, lsn, value) -> PgWalText.describeValue(value, lsn), out::println);
    }
  }

  /** Checks all content. */
  @Command(
      name = "verify",
      description = {
        "Check every byte of delta files: checksums, order, counts, ranges, names.",
        "A directory stands for the *.delta files in it and below it, but not in what was set"
            + " aside as damaged.",
        "With --note a damaged file in a layers' home gets a note beside it, and the job repairs it"
            + " at its next start."
      },
      footer = {"", "Exit status: 0 intact, 1 damaged, 2 wrong usage, 5 cannot be read."})
  static final class Verify implements Callable<Integer> {
    @Parameters(
        paramLabel = "FILE|DIR",
        arity = "1..*",
        description = "Delta files, or directories with some.")
    private List<Path> paths;

    @Option(names = "--note", description = "Note damage in the layers' home.")
    private boolean note;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      List<Path> files = new ArrayList<>();
      for (Path path : paths) {
        add(path, files);
      }
      int damaged = 0;
      for (Path file : files) {
        LayerFileReport report = LayerFiles.verify(readable(file));
        if (report.isIntact()) {
          out.println("OK       " + file + report.info().map(Verify::summary).orElse(""));
        } else {
          damaged++;
          out.println("DAMAGED  " + file + "  " + report.problem().orElse(""));
          if (note) {
            LayerFiles.noteDamage(file, report.problem().orElse(""));
          }
        }
      }
      out.println(files.size() + " files, " + damaged + " damaged");
      out.flush();
      return damaged == 0 ? ExitStatus.OK : ExitStatus.NO;
    }

    private static boolean isSetAside(Path file) {
      for (Path part : file) {
        if (part.toString().equals("damaged")) {
          return true;
        }
      }
      return false;
    }

    private static String summary(LayerFileInfo info) {
      return "  " + info.layer().versions() + " versions, " + info.layer().lsnRange();
    }

    private static void add(Path path, List<Path> files) throws IOException {
      if (!Files.isDirectory(path)) {
        files.add(path);
        return;
      }
      int before = files.size();
      try (Stream<Path> below = Files.walk(path)) {
        below
            .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
            .filter(file -> !isSetAside(path.relativize(file)))
            .filter(Files::isRegularFile)
            .sorted()
            .forEach(files::add);
      }
      if (files.size() == before) {
        // "All is well" would be a wrong answer to a mistyped directory.
        throw new CommandFailedException(
            ExitStatus.FAILED, "no layer files below: directory=" + path);
      }
    }
  }
}
