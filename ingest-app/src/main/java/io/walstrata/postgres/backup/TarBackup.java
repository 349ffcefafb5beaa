package io.walstrata.postgres.backup;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.ControlFile;
import io.walstrata.postgres.wal.WalFile;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A base backup in tar files: the data directory in one, each tablespace in one beside it that is
 * named after its OID; compressed or not. Each is read twice, first for sizes and the label.
 */
public final class TarBackup implements BaseBackup {
  private static final Pattern TABLESPACE = Pattern.compile("([1-9][0-9]{0,9})[.]tar(?:[.].*)?");

  /** Of each tar the prefix of its entries, in the order of reading. */
  private final Map<Path, String> tars = new LinkedHashMap<>();

  private final Path base;
  private final Index index = new Index();
  private final ControlFile control;
  private final BackupBounds bounds;

  /** What the first reading found. */
  private static final class Index {
    final Set<Fork> unlogged = new HashSet<>();

    /** The pages of forks' segments after the first. */
    final Map<Fork, Map<Long, Long>> laterSegments = new HashMap<>();

    /** Of the names of the entries, in their order. */
    final CRC32C names = new CRC32C();

    long pages;

    /** What is before {@code global/pg_control} in the names of the base tar. */
    String root = "";

    byte @Nullable [] control;
    byte @Nullable [] label;
    byte @Nullable [] manifestTail;
    boolean isRunning;
  }

  /** A fork, or, with fork -1, a relation. */
  private record Fork(long spc, long db, long rel, int fork) {
    static Fork of(ClusterFile file) {
      return new Fork(file.spc(), file.db(), file.number(), file.fork());
    }

    static Fork relation(ClusterFile file) {
      return new Fork(file.spc(), file.db(), file.number(), -1);
    }
  }

  private TarBackup(Path base) throws IOException {
    this.base = base;
    tars.put(base, "");
    new TreeMap<>(tablespaces(base)).forEach((oid, tar) -> tars.put(tar, "pg_tblspc/" + oid + "/"));
    findRoot();
    for (Path tar : tars.keySet()) {
      read(tar, this::note);
    }
    byte[] content = index.control;
    if (content == null) {
      throw new BackupException(
          "not a base backup, the tar has no control file: file="
              + (base + ", missing=" + ClusterFile.CONTROL_FILE));
    }
    if (index.label == null && index.isRunning) {
      throw new BackupException(
          "the tar was made of a server that runs, or did not shut down: file="
              + (base + ", found=postmaster.pid; take a backup with pg_basebackup"));
    }
    control = FilesBackup.control(content);
    byte[] label = index.label;
    bounds =
        BackupBounds.of(
            control, label == null ? null : BackupLabel.read(label), manifestTail(base));
  }

  /**
   * Opens a backup and reads it for the first time.
   *
   * @param base {@code base.tar}, compressed or not
   * @throws BackupException if it is no base backup
   */
  public static TarBackup of(Path base) throws IOException {
    return new TarBackup(base);
  }

  private static Map<Long, Path> tablespaces(Path base) throws IOException {
    Map<Long, Path> found = new TreeMap<>();
    Path directory = base.toAbsolutePath().getParent();
    if (directory == null) {
      return found;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Matcher name = TABLESPACE.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          found.put(Long.parseLong(name.group(1)), file);
        }
      }
    }
    return found;
  }

  private byte @Nullable [] manifestTail(Path baseTar) throws IOException {
    Path manifest = baseTar.resolveSibling(BackupLabel.MANIFEST_PATH);
    if (!Files.exists(manifest)) {
      return index.manifestTail;
    }
    try (InputStream in = Files.newInputStream(manifest)) {
      in.skipNBytes(Math.max(0, Files.size(manifest) - BackupLabel.MANIFEST_TAIL_BYTES));
      return in.readAllBytes();
    }
  }

  /** Takes an entry of a tar; its path is relative to the data directory. */
  private interface Entry {
    void take(String path, long bytes, InputStream content) throws IOException;
  }

  private void read(Path tar, Entry taker) throws IOException {
    String prefix = tars.getOrDefault(tar, "");
    String root = prefix.isEmpty() ? index.root : "";
    try (TarArchiveInputStream in = open(tar)) {
      for (TarArchiveEntry entry = next(tar, in); entry != null; entry = next(tar, in)) {
        String name = withoutDot(entry.getName());
        if (entry.isFile() && name.startsWith(root)) {
          taker.take(prefix + name.substring(root.length()), entry.getSize(), in);
        }
      }
    }
  }

  private static @Nullable TarArchiveEntry next(Path tar, TarArchiveInputStream in)
      throws IOException {
    try {
      return in.getNextEntry();
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException("cannot read the tar: file=" + tar + ", cause=" + e, e);
    }
  }

  private static TarArchiveInputStream open(Path tar) throws IOException {
    return new TarArchiveInputStream(new BufferedInputStream(WalFile.unpacked(tar), 256 << 10));
  }

  private static String withoutDot(String name) {
    return name.startsWith("./") ? name.substring(2) : name;
  }

  /** Finds the data directory in a tar that was made of its parent. */
  private void findRoot() throws IOException {
    try (TarArchiveInputStream in = open(base)) {
      for (TarArchiveEntry entry = next(base, in); entry != null; entry = next(base, in)) {
        String name = withoutDot(entry.getName());
        int slash = name.indexOf('/');
        if (name.equals("PG_VERSION")) {
          return;
        }
        if (slash > 0 && name.substring(slash + 1).equals("PG_VERSION")) {
          index.root = name.substring(0, slash + 1);
          return;
        }
        if (ClusterFile.of(name) != null || name.equals(BackupLabel.PATH)) {
          return;
        }
      }
    }
  }

  private void note(String path, long bytes, InputStream content) throws IOException {
    index.names.update((path + "\n").getBytes(StandardCharsets.UTF_8));
    switch (path) {
      case BackupLabel.PATH -> index.label = content.readNBytes(ClusterFiles.MAX_SMALL_BYTES);
      case ClusterFile.CONTROL_FILE ->
          index.control = content.readNBytes(ClusterFiles.MAX_SMALL_BYTES);
      case BackupLabel.MANIFEST_PATH -> {
        content.skipNBytes(Math.max(0, bytes - BackupLabel.MANIFEST_TAIL_BYTES));
        index.manifestTail = content.readAllBytes();
      }
      case "postmaster.pid" -> index.isRunning = true;
      default -> {
        // Nothing of it is kept, except for its length.
      }
    }
    ClusterFile file = ClusterFile.of(path);
    if (file != null) {
      note(file, bytes);
    }
  }

  private void note(ClusterFile file, long bytes) {
    index.pages += file.kind().hasPages() ? bytes / Page.BYTES : 1;
    if (file.kind() != ClusterFile.Kind.RELATION) {
      return;
    }
    if (file.fork() == ClusterFile.INIT_FORK) {
      index.unlogged.add(Fork.relation(file));
    }
    if (file.segment() > 0) {
      index
          .laterSegments
          .computeIfAbsent(Fork.of(file), fork -> new HashMap<>())
          .put(file.segment(), bytes / Page.BYTES);
    }
  }

  @Override
  public ControlFile control() {
    return control;
  }

  @Override
  public BackupBounds bounds() {
    return bounds;
  }

  @Override
  public String order() {
    return String.format(Locale.ROOT, "tar-%08X", (int) index.names.getValue());
  }

  @Override
  public long countVersions() {
    return index.pages;
  }

  @Override
  public void copyTo(BackupSink sink, @Nullable PageKey after) throws IOException {
    PageCopy copy =
        new PageCopy(
            sink,
            bounds,
            control.position().blocksPerSegment(),
            control.hasDataChecksums(),
            /* isSorted= */ false,
            after);
    for (Path tar : tars.keySet()) {
      read(tar, (path, bytes, content) -> copy(path, bytes, content, copy));
    }
    long bad = copy.badChecksums();
    if (bad > 0) {
      sink.warn("pages whose checksum does not match: count=" + bad);
    }
  }

  private void copy(String path, long bytes, InputStream content, PageCopy copy)
      throws IOException {
    ClusterFile file = ClusterFile.of(path);
    if (file == null || isUnlogged(file) || isOther(file) || !copy.isRepresentable(file)) {
      return;
    }
    if (file.kind() == ClusterFile.Kind.RELATION && file.segment() == 0) {
      copy.size(file, size(file, bytes / Page.BYTES));
    }
    copy.file(file, bytes, new EntryContent(content));
  }

  /** Returns whether a file in a tablespace is another cluster's. */
  private boolean isOther(ClusterFile file) {
    String version = "_" + Integer.toUnsignedString(control.position().catalogVersion()) + "/";
    return file.path().startsWith("pg_tblspc/") && !file.path().contains(version);
  }

  /** Returns how many pages a fork has, whose first segment has so many. */
  private long size(ClusterFile first, long blocks) {
    long perSegment = control.position().blocksPerSegment();
    Map<Long, Long> later = index.laterSegments.getOrDefault(Fork.of(first), Map.of());
    long size = Math.min(blocks, perSegment);
    for (long segment = 1; size == segment * perSegment; segment++) {
      size += Math.min(later.getOrDefault(segment, 0L), perSegment);
    }
    return size;
  }

  private boolean isUnlogged(ClusterFile file) {
    return file.kind() == ClusterFile.Kind.RELATION
        && file.fork() != ClusterFile.INIT_FORK
        && index.unlogged.contains(Fork.relation(file));
  }

  /** The bytes of one entry, in order. */
  private static final class EntryContent implements PageCopy.Content {
    private final InputStream in;
    private long position;

    EntryContent(InputStream in) {
      this.in = in;
    }

    @Override
    public int read(long offset, byte[] target) throws IOException {
      try {
        in.skipNBytes(offset - position);
      } catch (EOFException e) {
        return 0;
      }
      int count = in.readNBytes(target, 0, target.length);
      position = offset + count;
      return count;
    }

    @Override
    public boolean canRepeat() {
      return false;
    }
  }

  @Override
  public void close() {
    // Each reading closes its files.
  }
}
