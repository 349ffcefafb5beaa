package io.walstrata.ingest.cli;

import io.walstrata.ingest.demo.ClassArchive;
import io.walstrata.ingest.demo.Distribution;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes the archive of classes with which the job starts faster. */
@Command(
    name = "archive",
    description = {
      "Make an archive of the job's classes in the distribution, lib/walstrata.jsa: the launcher uses"
          + " it, and a job starts in little more than half the time. It runs a job for that, on a"
          + " broker and a registry of its own, and takes less than a minute.",
      "It holds for these jars and this Java; others pass it over. Delete it to be rid of it."
    },
    footer = {"", "Exit status: 0 done, 5 failed."})
final class ArchiveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Distribution distribution = Distribution.locate();
    Path directory = Files.createTempDirectory("walstrata-archive-");
    boolean isMade = false;
    try {
      Path archive =
          new ClassArchive(
                  distribution,
                  directory,
                  line -> {
                    out.println(line);
                    out.flush();
                  })
              .make();
      out.println("made " + archive + ", MiB=" + (Files.size(archive) >> 20));
      out.flush();
      isMade = true;
    } finally {
      if (!isMade) {
        err.println("kept, with the logs: " + directory);
        err.flush();
      }
    }
    try {
      delete(directory);
    } catch (IOException | UncheckedIOException e) {
      err.println("cannot delete " + directory + ": " + e);
      err.flush();
    }
    return ExitStatus.OK;
  }

  private static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> below = Files.walk(directory)) {
      all = below.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.delete(each);
    }
  }
}
