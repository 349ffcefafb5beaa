package io.walstrata.postgres.wal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files of a WAL archive, classified: each is a segment, a timeline's history, or left out with
 * a reason. Immutable.
 *
 * <p>Directories that are named after a log (16 hexadecimal digits, as Barman and pgBackRest have
 * them) are searched, others are not.
 */
public final class WalArchive {
  private static final Pattern HISTORY =
      Pattern.compile("([0-9A-F]{8})\\.history((?:\\.[0-9A-Za-z]+)*)");
  private static final Pattern LABEL =
      Pattern.compile("[0-9A-F]{24}\\.[0-9A-F]{8}\\.backup(?:\\.[0-9A-Za-z]+)*");
  private static final Pattern LOG_DIRECTORY = Pattern.compile("[0-9A-F]{16}");

  /** A history has a line for each promotion. */
  private static final int MAX_HISTORY_BYTES = 1 << 20;

  /**
   * A file that holds no log.
   *
   * @param isUsual whether such files are to be expected in an archive
   */
  public record LeftOut(Path file, String reason, boolean isUsual) {
    @Override
    public String toString() {
      return "left out: file=" + file + ", reason=" + reason;
    }
  }

  private final List<WalFile> segments = new ArrayList<>();
  private final SortedMap<Long, Path> histories = new TreeMap<>();
  private final List<LeftOut> leftOut = new ArrayList<>();

  private WalArchive() {}

  /**
   * Classifies files.
   *
   * @param paths segments, history files, and directories with such
   * @throws IllegalArgumentException if one is missing, holds a segment in a form that is not read,
   *     or was given by name though it does not belong to an archive
   * @throws IOException if one cannot be read
   */
  public static WalArchive of(Collection<Path> paths) throws IOException {
    WalArchive archive = new WalArchive();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        archive.addDirectory(path);
      } else if (Files.exists(path)) {
        archive.add(path, /* named= */ true);
      } else {
        throw new IllegalArgumentException("no such file: file=" + path);
      }
    }
    archive.segments.sort(
        Comparator.comparingLong((WalFile file) -> file.name().high())
            .thenComparingLong(file -> file.name().low())
            .thenComparingLong(file -> file.name().timeline())
            .thenComparing(WalFile::isPartial));
    return archive;
  }

  private void addDirectory(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    entries.sort(Comparator.naturalOrder());
    for (Path entry : entries) {
      if (!Files.isDirectory(entry)) {
        add(entry, /* named= */ false);
      } else if (LOG_DIRECTORY.matcher(WalFile.fileName(entry)).matches()) {
        addDirectory(entry);
      } else {
        leftOut.add(new LeftOut(entry, "directory", /* isUsual= */ true));
      }
    }
  }

  private void add(Path file, boolean named) throws IOException {
    String name = WalFile.fileName(file);
    Matcher history = HISTORY.matcher(name);
    if (history.matches()) {
      addHistory(file, history);
    } else if (LABEL.matcher(name).matches()) {
      leftOut.add(new LeftOut(file, "backup label", /* isUsual= */ true));
    } else if (named) {
      segments.add(WalFile.of(file));
    } else {
      switch (WalFile.kind(name)) {
        case SEGMENT, UNKNOWN_FORM -> segments.add(WalFile.of(file));
        case BESIDE ->
            leftOut.add(
                new LeftOut(file, "no segment by the end of its name", /* isUsual= */ true));
        case OTHER ->
            leftOut.add(new LeftOut(file, "not named after a WAL segment", /* isUsual= */ false));
      }
    }
  }

  private void addHistory(Path file, Matcher name) {
    switch (WalFile.kindOfAdded(name.group(2))) {
      case SEGMENT -> histories.put(Long.parseLong(name.group(1), 16), file);
      case BESIDE ->
          leftOut.add(new LeftOut(file, "no history by the end of its name", /* isUsual= */ true));
      default ->
          leftOut.add(
              new LeftOut(file, "history in a form that is not read", /* isUsual= */ false));
    }
  }

  /** Returns the segments by start and timeline, the whole ones first; not modifiable. */
  public List<WalFile> segments() {
    return List.copyOf(segments);
  }

  /** Returns what is neither segment nor history; not modifiable. */
  public List<LeftOut> leftOut() {
    return List.copyOf(leftOut);
  }

  /** Returns the history file of a timeline, null if there is none. */
  public @Nullable Path history(long timeline) {
    return histories.get(timeline);
  }

  /**
   * Reads a history file, packed or not.
   *
   * @throws IOException if it cannot be read, or is too long for one
   */
  public static String read(Path history) throws IOException {
    try (InputStream in = WalFile.unpacked(history)) {
      byte[] bytes = in.readNBytes(MAX_HISTORY_BYTES + 1);
      if (bytes.length > MAX_HISTORY_BYTES) {
        throw new IOException(
            "too long for a timeline's history: file=" + history + ", limit=" + MAX_HISTORY_BYTES);
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /**
   * Returns a segment's header from the first file that has one: size and cluster of all of them.
   *
   * @throws WalException if none has
   */
  public static Cluster cluster(List<WalFile> segments) throws IOException {
    for (WalFile file : segments) {
      WalPageHeader header = file.header();
      if (header != null) {
        return new Cluster(header.segmentBytes, header.systemIdentifier);
      }
    }
    throw new WalException(
        io.walstrata.layerstore.page.Lsn.INVALID,
        "no file begins like a WAL segment of PostgreSQL "
            + PgVersion.supported()
            + ": file="
            + segments.get(0).path()
            + ", files="
            + segments.size());
  }

  /**
   * What all segments have in common.
   *
   * @param segmentBytes size of a segment
   * @param systemIdentifier of the cluster
   */
  public record Cluster(int segmentBytes, long systemIdentifier) {}
}
