package io.walstrata.ingest.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.walstrata.ingest.http.Json;
import io.walstrata.layerstore.FileVerdict;
import io.walstrata.layerstore.LayerFileInfo;
import io.walstrata.layerstore.LayerFileReport;
import io.walstrata.layerstore.LayerFiles;
import io.walstrata.layerstore.LayerTree;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks every byte of layer files and homes. */
@Command(
    name = "verify",
    description = {
      "Check every byte of layer files: checksums, order, counts, ranges, names.",
      "A directory stands for the homes and *.delta files in it and below it. A home is checked as"
          + " a whole: its manifest, and that each file that it names is there and the right one."
          + " What else lies there is listed as NOTE and is no damage; what was set aside as"
          + " damaged is not looked into, unless named. Jobs may be running.",
      "With --note a damaged file in a layers' home gets a note beside it, and the job repairs it"
          + " at its next start."
    },
    footer = {"", LayerCommand.STATUSES})
final class LayerVerifyCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE|DIR",
      arity = "1..*",
      description = "Layer files, homes, or directories with some below.")
  private List<Path> paths;

  @Option(names = "--note", description = "Note damage in the layers' home.")
  private boolean note;

  @Option(names = "--json", description = "Print one JSON object per file.")
  private boolean json;

  @Spec private CommandSpec spec;

  private final Map<FileVerdict, Long> counts = new EnumMap<>(FileVerdict.class);
  private long files;
  private int status;

  /** A line of JSON. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      String file,
      String verdict,
      @Nullable String problem,
      boolean named,
      @Nullable Long versions,
      boolean noted) {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    status = ExitStatus.OK;
    counts.clear();
    files = 0;
    for (Path path : paths) {
      if (!LayerTree.verify(path, report -> print(report, out))) {
        out.flush();
        LogSettings.report(spec.commandLine().getErr(), LayerCommand.nothingBelow(path), null);
        status = LayerCommand.worse(status, ExitStatus.FAILED);
      }
    }
    if (!json && !counts.isEmpty()) {
      out.println(summary());
    }
    out.flush();
    return status;
  }

  private void print(LayerFileReport report, PrintWriter out) {
    counts.merge(report.verdict(), 1L, Long::sum);
    files += report.file().toString().endsWith(".delta") && !isUnused(report) ? 1 : 0;
    status = LayerCommand.worse(status, LayerCommand.status(report.verdict()));
    boolean isNoted = note && report.verdict() == FileVerdict.DAMAGED && noted(report);
    if (json) {
      out.println(Json.text(line(report, isNoted)));
      return;
    }
    String label =
        switch (report.verdict()) {
          case INTACT -> "OK       ";
          case DAMAGED -> "DAMAGED  ";
          case UNKNOWN_VERSION -> "UNKNOWN VERSION  ";
          case NOT_A_LAYER, UNREADABLE -> "NOT READ ";
          case UNUSED -> "NOTE     ";
        };
    String about =
        report.problem().orElseGet(() -> report.info().map(LayerVerifyCommand::summary).orElse(""));
    out.println(label + report.file() + "  " + about);
  }

  private static boolean isUnused(LayerFileReport report) {
    return report.verdict() == FileVerdict.UNUSED;
  }

  /** Only what a manifest names is repaired, and what is missing is found without a note. */
  private boolean noted(LayerFileReport report) {
    if (!report.isNamed() || !Files.exists(report.file())) {
      return false;
    }
    try {
      LayerFiles.noteDamage(report.file(), report.problem().orElse(""));
      return true;
    } catch (IOException e) {
      LogSettings.report(
          spec.commandLine().getErr(),
          "cannot note the damage: file=" + report.file() + ", error=" + e,
          null);
      return false;
    }
  }

  private static Line line(LayerFileReport report, boolean isNoted) {
    return new Line(
        report.file().toString(),
        report.verdict().name().toLowerCase(Locale.ROOT),
        report.problem().orElse(null),
        report.isNamed(),
        report.info().map(info -> info.layer().versions()).orElse(null),
        isNoted);
  }

  private static String summary(LayerFileInfo info) {
    return info.layer().versions() + " versions, " + info.layer().lsnRange();
  }

  private String summary() {
    return files
        + " files, "
        + count(FileVerdict.DAMAGED)
        + " damaged"
        + also(count(FileVerdict.UNKNOWN_VERSION), " of unknown version")
        + also(count(FileVerdict.NOT_A_LAYER) + count(FileVerdict.UNREADABLE), " not read")
        + also(count(FileVerdict.UNUSED), " notes");
  }

  private long count(FileVerdict verdict) {
    return counts.getOrDefault(verdict, 0L);
  }

  private static String also(long count, String what) {
    return count == 0 ? "" : ", " + count + what;
  }
}
