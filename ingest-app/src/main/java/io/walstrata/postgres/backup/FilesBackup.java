package io.walstrata.postgres.backup;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.backup.ClusterWalk.Found;
import io.walstrata.postgres.wal.ControlFile;
import io.walstrata.postgres.wal.WalException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A base backup in files that can be listed and read. */
public final class FilesBackup implements BaseBackup {
  private final ClusterFiles files;
  private final ControlFile control;
  private final BackupBounds bounds;
  private final boolean isLive;

  /**
   * @param isLive whether the files may change while they are read
   */
  private FilesBackup(
      ClusterFiles files, ControlFile control, BackupBounds bounds, boolean isLive) {
    this.files = files;
    this.control = control;
    this.bounds = bounds;
    this.isLive = isLive;
  }

  /**
   * Returns the backup in a directory: a plain backup, or the data directory of a stopped server.
   *
   * @throws BackupException if the files are neither
   */
  public static FilesBackup of(ClusterFiles files) throws IOException {
    ControlFile control = control(files);
    Optional<byte[]> label = files.readSmall(BackupLabel.PATH);
    if (label.isEmpty() && files.readSmall("postmaster.pid").isPresent()) {
      throw new BackupException(
          "the directory is that of a server that runs, or did not shut down: found=postmaster.pid"
              + "; shut the server down, take a backup with pg_basebackup, or use --url");
    }
    BackupBounds bounds =
        BackupBounds.of(control, label.map(BackupLabel::read).orElse(null), manifestTail(files));
    return new FilesBackup(files, control, bounds, /* isLive= */ false);
  }

  /** Returns the backup of a server that runs and has started a backup. */
  public static FilesBackup ofRunning(
      ClusterFiles files, ControlFile control, BackupBounds bounds) {
    BackupBounds.requirePages(control.position());
    return new FilesBackup(files, control, bounds, /* isLive= */ true);
  }

  /**
   * Reads the control file.
   *
   * @throws BackupException if there is none or it is not readable
   */
  public static ControlFile control(ClusterFiles files) throws IOException {
    byte[] content =
        files
            .readSmall(ClusterFile.CONTROL_FILE)
            .orElseThrow(
                () ->
                    new BackupException(
                        "not a data directory, it has no control file: missing="
                            + ClusterFile.CONTROL_FILE));
    return control(content);
  }

  static ControlFile control(byte[] content) {
    try {
      return ControlFile.read(content);
    } catch (WalException e) {
      throw new BackupException(
          "the control file cannot be read: file="
              + (ClusterFile.CONTROL_FILE + ", cause=" + e.reason()),
          e);
    }
  }

  private static byte @Nullable [] manifestTail(ClusterFiles files) throws IOException {
    for (ClusterFiles.Item item : files.list("")) {
      if (item.name().equals(BackupLabel.MANIFEST_PATH)) {
        byte[] tail = new byte[BackupLabel.MANIFEST_TAIL_BYTES];
        long from = Math.max(0, item.bytes() - tail.length);
        int count = files.read(item.name(), from, tail);
        return count < 0 ? null : Arrays.copyOf(tail, count);
      }
    }
    return null;
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
    return "keys";
  }

  private ClusterWalk walk() {
    return new ClusterWalk(files, control.position().catalogVersion());
  }

  @Override
  public long countVersions() throws IOException {
    return walk().countPages();
  }

  @Override
  public void copyTo(BackupSink sink, @Nullable PageKey after) throws IOException {
    PageCopy copy =
        new PageCopy(
            sink,
            bounds,
            control.position().blocksPerSegment(),
            control.hasDataChecksums(),
            /* isSorted= */ true,
            after);
    walk().visit(new Copier(copy, sink));
    long bad = copy.badChecksums();
    if (bad > 0) {
      sink.warn("pages whose checksum does not match: count=" + bad);
    }
  }

  /** Copies what the walk finds. */
  private final class Copier implements ClusterWalk.Visitor {
    private final PageCopy copy;
    private final BackupSink sink;

    Copier(PageCopy copy, BackupSink sink) {
      this.copy = copy;
      this.sink = sink;
    }

    @Override
    public void fork(List<Found> segments) throws IOException {
      ClusterFile first = segments.get(0).file();
      if (!copy.isRepresentable(first)) {
        return;
      }
      long perSegment = control.position().blocksPerSegment();
      long blocks = -1;
      for (int i = 0; i < segments.size(); i++) {
        Found segment = segments.get(i);
        boolean follows = segment.file().segment() == i && Math.max(0, blocks) == i * perSegment;
        if (!follows) {
          leftOut(segment);
          continue;
        }
        long count = copy(segment);
        if (count >= 0) {
          blocks = i * perSegment + count;
        }
      }
      if (blocks >= 0) {
        copy.size(first, blocks);
      }
    }

    /** The server does not look at what is after a segment that is not full. */
    private void leftOut(Found segment) {
      if (segment.bytes() > 0) {
        sink.warn(
            "left out a segment, as the one before it is not full: file=" + segment.file().path());
      }
    }

    @Override
    public void file(Found file) throws IOException {
      if (copy.isRepresentable(file.file())) {
        copy(file);
      }
    }

    private long copy(Found found) throws IOException {
      ClusterFile file = found.file();
      return copy.file(
          file,
          found.bytes(),
          new PageCopy.Content() {
            @Override
            public int read(long offset, byte[] target) throws IOException {
              return files.read(file.path(), offset, target);
            }

            @Override
            public boolean canRepeat() {
              return isLive;
            }
          });
    }
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
