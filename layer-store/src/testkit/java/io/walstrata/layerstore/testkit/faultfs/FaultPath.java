package io.walstrata.layerstore.testkit.faultfs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/** A path of a {@link FaultFileSystem}: the default file system's, for all that touches no disk. */
final class FaultPath implements Path {
  private final FaultFileSystem fileSystem;
  private final Path path;

  FaultPath(FaultFileSystem fileSystem, Path path) {
    this.fileSystem = fileSystem;
    this.path = path;
  }

  static FaultPath of(Path path) {
    if (path instanceof FaultPath fault) {
      return fault;
    }
    throw new ProviderMismatchException(path + " is on the disk beside this file system");
  }

  private FaultPath with(Path other) {
    return other == null ? null : new FaultPath(fileSystem, other);
  }

  /** Returns the path as the disk knows it. */
  Path normal() {
    return fileSystem.root().resolve(path).normalize();
  }

  @Override
  public FaultFileSystem getFileSystem() {
    return fileSystem;
  }

  @Override
  public boolean isAbsolute() {
    return path.isAbsolute();
  }

  @Override
  public Path getRoot() {
    return with(path.getRoot());
  }

  @Override
  public Path getFileName() {
    return with(path.getFileName());
  }

  @Override
  public Path getParent() {
    return with(path.getParent());
  }

  @Override
  public int getNameCount() {
    return path.getNameCount();
  }

  @Override
  public Path getName(int index) {
    return with(path.getName(index));
  }

  @Override
  public Path subpath(int beginIndex, int endIndex) {
    return with(path.subpath(beginIndex, endIndex));
  }

  @Override
  public boolean startsWith(Path other) {
    return other instanceof FaultPath fault && path.startsWith(fault.path);
  }

  @Override
  public boolean endsWith(Path other) {
    return other instanceof FaultPath fault && path.endsWith(fault.path);
  }

  @Override
  public Path normalize() {
    return with(path.normalize());
  }

  @Override
  public Path resolve(Path other) {
    return with(path.resolve(of(other).path));
  }

  @Override
  public Path relativize(Path other) {
    return with(path.relativize(of(other).path));
  }

  @Override
  public URI toUri() {
    return URI.create(fileSystem.provider().getScheme() + "://" + normal());
  }

  @Override
  public Path toAbsolutePath() {
    return with(fileSystem.root().resolve(path));
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    fileSystem.provider().checkAccess(this);
    return with(normal());
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException("watching");
  }

  @Override
  public int compareTo(Path other) {
    return path.compareTo(of(other).path);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FaultPath fault
        && fileSystem == fault.fileSystem
        && path.equals(fault.path);
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
