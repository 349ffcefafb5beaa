package io.walstrata.layerstore.internal.home.local;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.ManifestMovedException;
import io.walstrata.layerstore.internal.file.LocalFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A home in a local directory: {@code manifest}, {@code lock}, and {@code <timeline>/<layer file>}.
 * What was set aside is in {@code damaged/<number>}. The directory is created by {@link #claim};
 * before that, one that does not exist reads as empty.
 *
 * <p>A file system that loses what it has reported as synced, or on which locks do not hold between
 * machines, is not suitable.
 */
public final class LocalLayerHome implements LayerHome {
  static final String MANIFEST = "manifest";
  private static final Pattern TIMELINE = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{32}/[^/\\\\]+");

  private final Path directory;
  private final Duration claimTimeout;

  /*
   * Whether names in the directory may be there without being durable: a timeline's directory that
   * was made and could not be synced, or that an earlier process made before it was killed.
   */
  private volatile boolean namesInDoubt = true;

  private volatile boolean wasClaimed; // and so the directory was there

  private final SyncClock syncs = new SyncClock();

  /**
   * @param directory of one partition; nothing else may keep files in it
   */
  public LocalLayerHome(Path directory) {
    this(directory, Duration.ZERO);
  }

  /**
   * @param directory of one partition; nothing else may keep files in it
   * @param claimTimeout how long {@link #claim} waits for another owner to give the home back
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
    Path manifest = directory.resolve(MANIFEST);
    try {
      return LocalFiles.ask(manifest, () -> Files.readAllBytes(manifest));
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }

  @Override
  public void replaceManifest(byte[] expected, byte[] replacement) throws IOException {
    // The claim keeps others out; this comparison is for the day that it did not: a lock file
    // deleted by hand, a directory restored from a backup under a running process.
    byte[] actual = readFile();
    if (!Arrays.equals(actual, expected) && !Arrays.equals(actual, replacement)) {
      throw new ManifestMovedException(location(), actual);
    }
    Path temp = directory.resolve(MANIFEST + UNPUBLISHED_SUFFIX);
    syncs.time(() -> LocalFiles.replace(directory.resolve(MANIFEST), temp, replacement));
    syncNames();
  }

  /** A home that was deleted is not made again: a layer in it would be one without a manifest. */
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
  public LayerFileOutput create(String name) throws IOException {
    Path target = resolve(name);
    Path timeline = target.resolveSibling(".").normalize();
    return LocalFiles.ask(
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
          return LocalFileOutput.create(name, target, syncs);
        });
  }

  @Override
  public LayerFileInput open(String name) throws IOException {
    return LocalFiles.open(resolve(name), location() + "/" + name);
  }

  @Override
  public void delete(String name) throws IOException {
    Path file = resolve(name);
    LocalFiles.ask(file, () -> Files.deleteIfExists(file));
  }

  @Override
  public List<String> list() throws IOException {
    List<String> names = new ArrayList<>();
    for (Path timeline : LocalFiles.list(directory)) {
      // Not the lock: listing it would open and close it, and with that this process's lock is
      // gone.
      if (!TIMELINE.matcher(String.valueOf(timeline.getFileName())).matches()) {
        continue;
      }
      for (Path file : LocalFiles.list(timeline)) {
        String name = timeline.getFileName() + "/" + file.getFileName();
        if (NAME.matcher(name).matches()) {
          names.add(name);
        }
      }
    }
    return names;
  }

  @Override
  public void noteDamage(String name, String why) throws IOException {
    Path note = note(name);
    if (!LocalFiles.exists(note)) {
      Path temp = note.resolveSibling(note.getFileName() + UNPUBLISHED_SUFFIX);
      LocalFiles.replace(note, temp, why.getBytes(StandardCharsets.UTF_8));
      LocalFiles.syncDirectory(note.resolveSibling("."));
    }
  }

  private Path note(String name) {
    return resolve(name + DAMAGE_SUFFIX);
  }

  @Override
  public String readDamage(String name) throws IOException {
    Path note = note(name);
    return LocalFiles.ask(note, () -> Files.readString(note));
  }

  @Override
  public String setAside(List<String> names, String why) throws IOException {
    return new SetAside(directory, names).run(why, readFile());
  }

  @Override
  public Claim claim() throws IOException {
    LocalFiles.ask(directory, () -> Files.createDirectories(directory));
    wasClaimed = true;
    if (!LocalFiles.exists(directory.resolve(MANIFEST))) {
      // Before the first manifest nobody knows whether the directory's own name is durable.
      LocalFiles.syncParents(directory);
    }
    return DirectoryLock.await(directory, claimTimeout);
  }

  private Path resolve(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a layer file's name: name=" + name);
    }
    return directory.resolve(name);
  }
}
