package io.walstrata.ingest.cli;

import io.walstrata.layerstore.FileVerdict;
import io.walstrata.layerstore.LayerFileReport;
import io.walstrata.layerstore.LayerFiles;
import io.walstrata.layerstore.LayerTree;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks into layer files and homes, with nothing else running. */
@Command(
    name = "layer",
    description = "Look into layer files; nothing else needs to run.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {LayerInfoCommand.class, LayerDumpCommand.class, LayerVerifyCommand.class},
    footer = {"", LayerCommand.STATUSES})
final class LayerCommand {
  /** What all of them end with. */
  static final String STATUSES =
      "Exit status, the first that is true: 1 something is damaged, 2 wrong usage, 7 a file"
          + " is of a format version that this program does not know, 5 something cannot be"
          + " read or is not a layer file, 0 done.";

  private static final List<Integer> FROM_BAD_TO_GOOD =
      List.of(
          ExitStatus.NO,
          ExitStatus.USAGE,
          ExitStatus.UNKNOWN_VERSION,
          ExitStatus.FAILED,
          ExitStatus.OK);

  /** "All is well" would be a wrong answer to a mistyped directory. */
  static String nothingBelow(Path path) {
    return "no layer files below: directory=" + path;
  }

  /** Returns the exit status for what has both. */
  static int worse(int status, int other) {
    return FROM_BAD_TO_GOOD.indexOf(status) <= FROM_BAD_TO_GOOD.indexOf(other) ? status : other;
  }

  /** Returns the exit status that a verdict stands for. */
  static int status(FileVerdict verdict) {
    return switch (verdict) {
      case INTACT, UNUSED -> ExitStatus.OK;
      case DAMAGED -> ExitStatus.NO;
      case UNKNOWN_VERSION -> ExitStatus.UNKNOWN_VERSION;
      case NOT_A_LAYER, UNREADABLE -> ExitStatus.FAILED;
    };
  }

  /** Does something with each file; one that fails does not keep it from the next. */
  abstract static class EachFile implements Callable<Integer> {
    @Parameters(
        paramLabel = "FILE|DIR",
        arity = "1..*",
        description = {
          "Layer files, homes, or directories with some below.",
          "Of a home only the files that its manifest names."
        })
    private List<Path> paths;

    @Option(names = "--json", description = "Print one JSON object per line.")
    boolean json;

    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    @Spec
    CommandSpec spec;

    private int status;
    private int failures;

    /** Prints what is asked for. */
    abstract void print(Path file, PrintWriter out) throws IOException;

    /** Returns whether all that was asked for is printed. */
    boolean isDone(PrintWriter out) {
      return out.checkError();
    }

    /** Checks the arguments before anything is read. */
    void check() {}

    /** Called with the number of files before the first is read. */
    void begin(int files) {}

    @Override
    public final Integer call() {
      check();
      status = ExitStatus.OK;
      PrintWriter out = spec.commandLine().getOut();
      for (Path path : paths) {
        int before = failures;
        List<Path> files = LayerTree.files(path, report -> trouble(report, out));
        if (files.isEmpty() && failures == before) {
          fail(ExitStatus.FAILED, nothingBelow(path), out);
        }
        begin(paths.size() > 1 ? paths.size() : files.size());
        for (Path file : files) {
          printOrSay(file, out);
          if (isDone(out)) {
            return status;
          }
        }
      }
      out.flush();
      return status;
    }

    private void trouble(LayerFileReport report, PrintWriter out) {
      fail(status(report.verdict()), report.file() + ": " + report.problem().orElse(""), out);
    }

    private void printOrSay(Path file, PrintWriter out) {
      try {
        print(file, out);
      } catch (CorruptLayerException e) {
        boolean isLayer = isLayer(file);
        fail(
            isLayer ? ExitStatus.NO : ExitStatus.FAILED,
            isLayer ? String.valueOf(e.getMessage()) : "not a layer file: file=" + file,
            out);
      } catch (UnsupportedFormatException e) {
        fail(ExitStatus.UNKNOWN_VERSION, String.valueOf(e.getMessage()), out);
      } catch (IOException e) {
        fail(ExitStatus.FAILED, Failures.of(file, e), out);
      }
    }

    private static boolean isLayer(Path file) {
      try {
        return LayerFiles.isLayer(file);
      } catch (IOException e) {
        return true; // It was one a moment ago.
      }
    }

    private void fail(int failed, String message, PrintWriter out) {
      out.flush();
      LogSettings.report(spec.commandLine().getErr(), message, null);
      status = worse(status, failed);
      failures++;
    }
  }
}
