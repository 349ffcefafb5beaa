package io.walstrata.layerstore.internal.home.local;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.home.ManifestMovedException;
import io.walstrata.layerstore.internal.file.LocalFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A home in a local directory: {@code manifest}, {@code lock}, and {@code <timeline>/<layer file>}.
 * Files that were set aside are in {@code damaged/<number>}. The directory is created by {@link
 * #claim}; one that does not exist yet reads as empty.
 *
 * <p>Not suitable are file systems that lose bytes that they reported as synced, or whose locks do
 * not exclude other machines.
 */
public final class LocalLayerHome implements LayerHome {
  private final Path directory;
  private final Duration claimTimeout;

  /*
   * Whether names in the directory may exist without being durable: a timeline's directory that was
   * created and could not be synced, or that an earlier process created before it was killed.
   */
  private volatile boolean namesInDoubt = true;

  private volatile boolean wasClaimed; // and so the directory exists, unless it was deleted since

  private final SyncClock syncs = new SyncClock();

  /**
   * @param directory the partition's directory, which must hold no other files
   */
  public LocalLayerHome(Path directory) {
    this(directory, Duration.ZERO);
  }

  /**
   * @param directory the partition's directory, which must hold no other files
   * @param claimTimeout how long {@link #claim} waits for another owner to release the home
   */
  public LocalLayerHome(Path directory, Duration claimTimeout) {
    this.directory = directory.toAbsolutePath().normalize();
    this.claimTimeout = claimTimeout;
  }

  /** Returns the partition's directory. */
  public Path directory() {
    return directory;
  }

  @Override
  public String location() {
    return directory.toString();
  }

  @Override
  public byte[] readManifest() throws IOException {
    byte[] bytes = readFile();
    // Its writer may have been killed between renaming it and syncing the directory.
    if (bytes.length > 0) {
      LocalFiles.syncOwnDirectory(directory);
    }
    return bytes;
  }

  private byte[] readFile() throws IOException {
    Path manifest = directory.resolve(HomeLayout.MANIFEST);
    try {
      return LocalFiles.getWithFileName(manifest, () -> Files.readAllBytes(manifest));
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }

  @Override
  public void replaceManifest(byte[] expected, byte[] replacement) throws IOException {
    // The claim excludes other owners; this comparison finds the cases where it failed: a lock file
    // deleted by hand, a directory restored from a backup under a running process.
    byte[] actual = readFile();
    if (!Arrays.equals(actual, expected) && !Arrays.equals(actual, replacement)) {
      throw new ManifestMovedException(location(), actual);
    }
    Path temp = directory.resolve(HomeLayout.MANIFEST + HomeLayout.UNPUBLISHED_SUFFIX);
    syncs.time(() -> LocalFiles.replace(directory.resolve(HomeLayout.MANIFEST), temp, replacement));
    syncNames();
  }

  /**
   * Checks that the directory exists: a home that was deleted is not created again, as a layer in
   * it would have no manifest.
   */
  private void requireDirectory() throws ManifestMovedException {
    if (wasClaimed && Files.notExists(directory)) {
      throw new ManifestMovedException(location(), new byte[0]);
    }
  }

  private void syncNames() throws IOException {
    syncs.time(() -> LocalFiles.syncDirectory(directory));
    namesInDoubt = false;
  }

  @Override
  public long syncNanos() {
    return syncs.nanos();
  }

  @Override
  public LayerFileOutput create(LayerPath path, ByteBuffer buffer, Executor background)
      throws IOException {
    Path target = resolve(path);
    Path timeline = target.resolveSibling(".").normalize();
    return LocalFiles.getWithFileName(
        target,
        () -> {
          if (!Files.isDirectory(timeline)) {
            requireDirectory();
            namesInDoubt = true;
            Files.createDirectories(timeline);
          }
          if (namesInDoubt) {
            syncNames();
          }
          return LocalFileOutput.create(path.toString(), target, buffer, background, syncs);
        });
  }

  @Override
  public LayerFileInput open(LayerPath path) throws IOException {
    return LocalFiles.open(resolve(path), location() + "/" + path);
  }

  @Override
  public void delete(LayerPath path) throws IOException {
    delete(resolve(path));
  }

  private static void delete(Path file) throws IOException {
    LocalFiles.getWithFileName(file, () -> Files.deleteIfExists(file));
  }

  @Override
  public List<String> deleteUnpublished() throws IOException {
    List<String> deleted = new ArrayList<>();
    for (String name : fileNames()) {
      if (name.endsWith(HomeLayout.UNPUBLISHED_SUFFIX)) {
        delete(directory.resolve(name));
        deleted.add(name);
      }
    }
    return deleted;
  }

  @Override
  public List<LayerPath> list() throws IOException {
    return paths(fileNames(), "").toList();
  }

  /** Returns the layers that have a file with their name and this suffix. */
  private static Stream<LayerPath> paths(List<String> names, String suffix) {
    return names.stream()
        .filter(name -> name.endsWith(suffix))
        .map(name -> LayerPath.tryParse(name.substring(0, name.length() - suffix.length())))
        .flatMap(Optional::stream);
  }

  /**
   * Returns the names of all files in the timelines' directories, {@code <timeline>/<name>}, of any
   * kind, in no order.
   */
  public List<String> fileNames() throws IOException {
    List<String> names = new ArrayList<>();
    for (Path timeline : LocalFiles.list(directory)) {
      // Only directories, not the lock: opening and closing it would release this process's lock.
      if (!HomeLayout.TIMELINE.matcher(String.valueOf(timeline.getFileName())).matches()) {
        continue;
      }
      for (Path file : LocalFiles.list(timeline)) {
        names.add(timeline.getFileName() + "/" + file.getFileName());
      }
    }
    return names;
  }

  @Override
  public void noteDamage(LayerPath path, String why) throws IOException {
    Path note = note(path);
    if (!LocalFiles.exists(note)) {
      Path temp = note.resolveSibling(note.getFileName() + HomeLayout.UNPUBLISHED_SUFFIX);
      LocalFiles.replace(note, temp, why.getBytes(StandardCharsets.UTF_8));
      LocalFiles.syncDirectory(note.resolveSibling("."));
    }
  }

  private Path note(LayerPath path) {
    return directory.resolve(path + HomeLayout.DAMAGE_SUFFIX);
  }

  @Override
  public Set<LayerPath> damaged() throws IOException {
    return paths(fileNames(), HomeLayout.DAMAGE_SUFFIX).collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public String readDamage(LayerPath path) throws IOException {
    Path note = note(path);
    return LocalFiles.getWithFileName(note, () -> Files.readString(note));
  }

  @Override
  public String setAside(List<LayerPath> paths, String why) throws IOException {
    return new SetAside(directory, paths).run(why, readFile());
  }

  @Override
  public Claim claim() throws IOException {
    LocalFiles.getWithFileName(directory, () -> Files.createDirectories(directory));
    wasClaimed = true;
    if (!LocalFiles.exists(directory.resolve(HomeLayout.MANIFEST))) {
      // Before the first manifest, the directory's own name may not be durable yet.
      LocalFiles.syncParents(directory);
    }
    return DirectoryLock.await(directory, claimTimeout);
  }

  private Path resolve(LayerPath path) {
    return directory.resolve(path.toString());
  }
}
