package io.walstrata.layerstore.testkit.faultfs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one process sees of a {@link Disk}: a file system that counts every step and asks a {@link
 * FaultPlan} what becomes of it. A process that has stopped stays so; {@link Disk#start} starts the
 * next one.
 *
 * <p>Files, directories, locks and read-only mappings work as on the default file system of a POSIX
 * machine. There are no links.
 */
public final class FaultFileSystem extends FileSystem {
  private static final Path ROOT = Path.of("/");

  private final Disk disk;
  private final FaultProvider provider = new FaultProvider(this);
  private final Map<Closeable, String> open = new LinkedHashMap<>(); // all guarded by disk
  private final List<Step> steps = new ArrayList<>();
  private FaultPlan plan = FaultPlan.NONE;
  private boolean stopped;
  private boolean inPieces;

  FaultFileSystem(Disk disk) {
    this.disk = disk;
  }

  /** Sets what goes wrong from here on. Steps are counted on. */
  public void plan(FaultPlan next) {
    synchronized (disk) {
      plan = next;
    }
  }

  /** From here on, reads and writes of more than one byte do only some of it, and say so. */
  public void transferInPieces() {
    synchronized (disk) {
      inPieces = true;
    }
  }

  /** Runs something on this file system that is not counted, and does not fail. */
  public void pause(Action action) throws IOException {
    synchronized (disk) {
      FaultPlan planned = plan;
      int counted = steps.size();
      plan = FaultPlan.NONE;
      try {
        action.run();
      } finally {
        plan = planned;
        steps.subList(counted, steps.size()).clear();
      }
    }
  }

  /** Returns the steps so far. */
  public List<Step> steps() {
    synchronized (disk) {
      return List.copyOf(steps);
    }
  }

  /** Returns whether the process has stopped. */
  public boolean isStopped() {
    synchronized (disk) {
      return stopped;
    }
  }

  /** Returns the paths of the files and directories that are open. */
  public List<String> openFiles() {
    synchronized (disk) {
      return List.copyOf(open.values());
    }
  }

  Disk disk() {
    return disk;
  }

  Path root() {
    return ROOT;
  }

  /** What a process does. */
  public interface Action {
    void run() throws IOException;
  }

  /**
   * Does a step, or not.
   *
   * @param path absolute and normal
   */
  void step(Step.Kind kind, Path path, Action action) throws IOException {
    synchronized (disk) {
      Fault fault = begin(kind, path);
      if (fault == null || fault.effect() == Fault.Effect.ALL) {
        action.run();
      }
      end(fault);
    }
  }

  /** Counts a step and returns what goes wrong with it. The caller holds the disk's lock. */
  @Nullable Fault begin(Step.Kind kind, Path path) throws IOException {
    if (stopped) {
      throw stopped();
    }
    Step step = new Step(steps.size(), kind, path.toString());
    steps.add(step);
    Fault fault = plan.at(step);
    if (fault != null && fault.isStop()) {
      stop();
      throw stopped();
    }
    return fault;
  }

  /** Ends the step that was begun last. */
  void end(@Nullable Fault fault) throws IOException {
    if (fault != null) {
      throw fault.error(steps.get(steps.size() - 1));
    }
  }

  private static IOException stopped() {
    return new IOException("the process has stopped");
  }

  private void stop() throws IOException {
    stopped = true;
    // Its locks go with it.
    for (Closeable file : List.copyOf(open.keySet())) {
      file.close();
    }
  }

  void opened(Closeable file, Path path) {
    open.put(file, path.toString());
  }

  void closed(Closeable file) {
    open.remove(file);
  }

  /** Returns how many of so many bytes are transferred at once. */
  int piece(int bytes) {
    return inPieces && bytes > 1 ? 1 + steps.size() % (bytes - 1) : bytes;
  }

  @Override
  public FaultProvider provider() {
    return provider;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("close");
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(new FaultPath(this, ROOT));
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic");
  }

  @Override
  public Path getPath(String first, String... more) {
    return new FaultPath(this, Path.of(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(Path.of(path.toString()));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException("principals");
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException("watching");
  }
}
