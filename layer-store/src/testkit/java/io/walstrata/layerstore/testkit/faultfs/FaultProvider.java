package io.walstrata.layerstore.testkit.faultfs;

import io.walstrata.layerstore.testkit.faultfs.Step.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Does the steps of one process on its disk. What no test needs is not supported. */
final class FaultProvider extends FileSystemProvider {
  private static final Set<? extends OpenOption> SUPPORTED =
      EnumSet.of(
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.CREATE,
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.TRUNCATE_EXISTING);

  private final FaultFileSystem fileSystem;

  FaultProvider(FaultFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  private Disk disk() {
    return fileSystem.disk();
  }

  private static Path normal(Path path) {
    return FaultPath.of(path).normal();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    if (!SUPPORTED.containsAll(options)) {
      throw new UnsupportedOperationException("options=" + options);
    }
    Path normal = normal(path);
    boolean writes = options.contains(StandardOpenOption.WRITE);
    boolean createsNew = writes && options.contains(StandardOpenOption.CREATE_NEW);
    boolean creates = createsNew || (writes && options.contains(StandardOpenOption.CREATE));
    boolean truncates = writes && options.contains(StandardOpenOption.TRUNCATE_EXISTING);
    synchronized (disk()) {
      boolean changes = truncates || (creates && disk().find(normal) == null);
      fileSystem.step(
          changes ? Kind.CREATE : Kind.OPEN,
          normal,
          () -> {
            DiskNode found = disk().find(normal);
            if (found != null && createsNew) {
              throw new FileAlreadyExistsException(normal.toString());
            } else if (found == null && creates) {
              disk().create(normal, new DiskFile());
            } else if (found instanceof DiskDirectory && writes) {
              throw new FileSystemException(normal.toString(), null, "Is a directory");
            } else if (found instanceof DiskFile file && truncates) {
              file.truncate(0);
            }
          });
      return new FaultChannel(
          fileSystem, normal, disk().get(normal), writes, !writes || isRead(options));
    }
  }

  private static boolean isRead(Set<? extends OpenOption> options) {
    return options.contains(StandardOpenOption.READ);
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    List<Path> entries = new ArrayList<>();
    synchronized (disk()) {
      fileSystem.step(
          Kind.LIST,
          normal(directory),
          () ->
              disk()
                  .directory(normal(directory))
                  .names
                  .keySet()
                  .forEach(name -> entries.add(directory.resolve(name))));
      return new FaultDirectoryStream(fileSystem, normal(directory), entries, filter);
    }
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    Path normal = normal(directory);
    synchronized (disk()) {
      // On a full or read-only disk too, what is there is said to be there.
      boolean exists = disk().find(normal) != null;
      fileSystem.step(
          exists ? Kind.STAT : Kind.CREATE_DIRECTORY,
          normal,
          () -> disk().create(normal, new DiskDirectory()));
    }
  }

  @Override
  public void delete(Path path) throws IOException {
    Path normal = normal(path);
    fileSystem.step(Kind.DELETE, normal, () -> disk().delete(normal));
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    Path from = normal(source);
    Path to = normal(target);
    if (!Set.of(options).equals(Set.of(StandardCopyOption.ATOMIC_MOVE))) {
      throw new UnsupportedOperationException("moves that are not atomic");
    }
    fileSystem.step(Kind.MOVE, from, () -> disk().move(from, to));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    Path normal = normal(path);
    fileSystem.step(Kind.STAT, normal, () -> disk().get(normal));
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    Path normal = normal(path);
    List<A> found = new ArrayList<>();
    fileSystem.step(
        Kind.STAT, normal, () -> found.add(type.cast(new Attributes(disk().get(normal)))));
    return found.get(0);
  }

  private record Attributes(DiskNode node) implements BasicFileAttributes {
    @Override
    public boolean isRegularFile() {
      return node instanceof DiskFile;
    }

    @Override
    public boolean isDirectory() {
      return node instanceof DiskDirectory;
    }

    @Override
    public boolean isSymbolicLink() {
      return false;
    }

    @Override
    public boolean isOther() {
      return false;
    }

    @Override
    public long size() {
      return node instanceof DiskFile file ? file.size() : 0;
    }

    @Override
    public Object fileKey() {
      return node;
    }

    @Override
    public FileTime lastModifiedTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public FileTime lastAccessTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public FileTime creationTime() {
      return FileTime.fromMillis(0);
    }
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) {
    throw new UnsupportedOperationException("attributes by name");
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return null;
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options) {
    throw new UnsupportedOperationException("attributes");
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException("copying");
  }

  @Override
  public boolean isSameFile(Path path, Path other) {
    return normal(path).equals(normal(other));
  }

  @Override
  public boolean isHidden(Path path) {
    return false;
  }

  @Override
  public FileStore getFileStore(Path path) {
    throw new UnsupportedOperationException("file stores");
  }

  @Override
  public String getScheme() {
    return "fault";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException("file systems by URI");
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException("file systems by URI");
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException("paths by URI");
  }
}
