package io.walstrata.ingest.cli;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalArchive;
import io.walstrata.postgres.wal.WalFile;
import io.walstrata.postgres.wal.WalSegmentName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which files a dump reads: pg_waldump's arguments, and lists of files and directories. */
final class WalDumpFiles {
  private static final Comparator<WalSegmentName> BY_POSITION =
      Comparator.comparingLong(WalSegmentName::high).thenComparingLong(WalSegmentName::low);

  @Parameters(
      paramLabel = "SEGMENT",
      arity = "0..*",
      description =
          "Two segments: from the first to the last of its directory. Otherwise segment files and"
              + " directories with such, without a gap between them, in any order, compressed or"
              + " not.")
  private List<Path> arguments = List.of();

  @Option(
      names = {"-p", "--path"},
      paramLabel = "DIR",
      description =
          "Directory with segments, or with a pg_wal that has them, for segments given by name and"
              + " for --start without segments. Default: ., ./pg_wal, $PGDATA/pg_wal.")
  private @Nullable Path path;

  @Option(
      names = {"-t", "--timeline"},
      paramLabel = "TLI",
      description =
          "Timeline to read, with its ancestors. Default: that of the last segment, or 1.")
  private @Nullable Long timeline;

  /** Returns whether all segments after the start are read, as far as there are any. */
  boolean isOpenEnded() {
    return arguments.isEmpty();
  }

  /**
   * Finds the files; a later call may find more.
   *
   * @param start where the dump begins; null if the options do not give it
   * @param note receives a line for each file that was left out, and why
   * @throws CommandFailedException if there are none
   */
  List<WalFile> find(@Nullable Lsn start, Consumer<String> note) throws IOException {
    try {
      return arguments.isEmpty() ? after(start) : named(note);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private static CommandFailedException usage(String message) {
    return new CommandFailedException(ExitStatus.USAGE, message);
  }

  private List<WalFile> after(@Nullable Lsn start) throws IOException {
    if (start == null) {
      throw usage("no start is given: name a segment, or use --start");
    }
    Path directory = directory(null);
    List<WalFile> all = WalArchive.of(List.of(directory)).segments();
    List<WalFile> files = ofTimeline(all, timeline == null ? 1 : timeline);
    if (files.isEmpty()) {
      throw usage(
          "no segment of the timeline, choose one with --timeline: directory="
              + (directory + ", timeline=" + (timeline == null ? 1 : timeline))
              + (", timelines=" + all.stream().map(f -> f.name().timeline()).distinct().toList()));
    }
    int size = WalArchive.cluster(files).segmentBytes();
    WalSegmentName first = WalSegmentName.of(0, start, size);
    List<WalFile> fromStart = new ArrayList<>();
    for (WalFile file : files) {
      if (BY_POSITION.compare(file.name(), first) >= 0) {
        fromStart.add(file);
      }
    }
    if (fromStart.isEmpty() || BY_POSITION.compare(fromStart.get(0).name(), first) != 0) {
      throw usage("no segment holds the start: start=" + start + ", directory=" + directory);
    }
    return untilGap(fromStart, size);
  }

  /**
   * Returns the files before the first gap: a directory may have unused segments of a later LSN.
   */
  private static List<WalFile> untilGap(List<WalFile> sorted, int segmentBytes) {
    long last = sorted.get(0).number(segmentBytes);
    List<WalFile> files = new ArrayList<>();
    for (WalFile file : sorted) {
      long number = file.number(segmentBytes);
      if (number > last + 1) {
        break;
      }
      last = number;
      files.add(file);
    }
    return files;
  }

  private List<WalFile> named(Consumer<String> note) throws IOException {
    List<Path> paths = new ArrayList<>();
    for (Path argument : arguments) {
      paths.add(inPath(argument));
    }
    List<WalFile> range = range(paths);
    if (range.isEmpty()) {
      WalArchive archive = WalArchive.of(paths);
      archive.leftOut().forEach(file -> note.accept(file.toString()));
      range = archive.segments();
    }
    List<WalFile> files = timeline == null ? range : ofTimeline(range, timeline);
    if (files.isEmpty()) {
      throw usage("no WAL segments given: paths=" + paths);
    }
    return files;
  }

  /** Returns the segments from the first file to the second, none if that is not what they mean. */
  private static List<WalFile> range(List<Path> paths) throws IOException {
    if (paths.size() != 2) {
      return List.of();
    }
    WalSegmentName first = WalFile.segmentName(paths.get(0));
    WalSegmentName last = WalFile.segmentName(paths.get(1));
    if (first == null || last == null) {
      return List.of();
    }
    Path directory = parent(paths.get(0));
    boolean isRange =
        BY_POSITION.compare(first, last) < 0
            && Files.isDirectory(directory)
            && Files.isDirectory(parent(paths.get(1)))
            && Files.isSameFile(directory, parent(paths.get(1)))
            && Files.exists(paths.get(0))
            && Files.exists(paths.get(1));
    if (!isRange) {
      return List.of();
    }
    return ofTimeline(WalArchive.of(List.of(directory)).segments(), last.timeline()).stream()
        .filter(file -> BY_POSITION.compare(file.name(), first) >= 0)
        .filter(file -> BY_POSITION.compare(file.name(), last) <= 0)
        .toList();
  }

  private static Path parent(Path file) {
    return Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
  }

  private static List<WalFile> ofTimeline(List<WalFile> files, long timeline) {
    return files.stream().filter(file -> file.name().timeline() <= timeline).toList();
  }

  /** A bare name is looked for where pg_waldump does. */
  private Path inPath(Path argument) throws IOException {
    boolean bareName = argument.getParent() == null && !argument.isAbsolute();
    if (path == null && (!bareName || Files.exists(argument))) {
      return argument;
    }
    Path name = Objects.requireNonNull(argument.getFileName(), "file name");
    boolean isSegment = WalFile.segmentName(name) != null;
    Path beside = arguments.get(0).resolveSibling(name);
    if (path == null && argument != arguments.get(0) && Files.exists(beside)) {
      return beside; // Where the first is, as pg_waldump has it.
    }
    return isSegment ? directory(name).resolve(name) : argument;
  }

  /**
   * Returns the directory to look in.
   *
   * @param name a file that must be in it, or null for any segment
   */
  private Path directory(@Nullable Path name) throws IOException {
    List<Path> candidates = new ArrayList<>();
    Path given = path;
    if (given != null) {
      if (!Files.isDirectory(given)) {
        throw usage("no such directory: path=" + given);
      }
      candidates.addAll(List.of(given, given.resolve("pg_wal")));
    } else {
      candidates.addAll(List.of(Path.of("."), Path.of("pg_wal")));
      String data = System.getenv("PGDATA");
      if (data != null) {
        candidates.add(Path.of(data, "pg_wal"));
      }
    }
    for (Path candidate : candidates) {
      if (name == null ? hasSegment(candidate) : Files.exists(candidate.resolve(name))) {
        return candidate;
      }
    }
    throw usage(
        (name == null ? "no directory with WAL segments:" : "no such file: file=" + name + ",")
            + (" directories=" + candidates));
  }

  private static boolean hasSegment(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (var entries = Files.list(directory)) {
      return entries.anyMatch(entry -> WalFile.segmentName(entry) != null);
    }
  }
}
