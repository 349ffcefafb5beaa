package io.walstrata.layerstore.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
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

  private final AtomicLong syncNanos = new AtomicLong();

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
    timed(() -> LocalFiles.replace(directory.resolve(MANIFEST), temp, replacement));
    syncNames();
  }

  private void syncNames() throws IOException {
    timed(() -> LocalFiles.syncDirectory(directory));
    namesInDoubt = false;
  }

  private void timed(LocalFiles.Work sync) throws IOException {
    long start = System.nanoTime();
    try {
      sync.run();
    } finally {
      syncNanos.addAndGet(System.nanoTime() - start);
    }
  }

  @Override
  public long syncNanos() {
    return syncNanos.get();
  }

  @Override
  public LayerFileOutput create(String name) throws IOException {
    Path target = resolve(name);
    Path timeline = target.resolveSibling(".").normalize();
    return LocalFiles.ask(
        target,
        () -> {
          if (!Files.isDirectory(timeline)) {
            namesInDoubt = true;
            Files.createDirectories(timeline);
          }
          if (namesInDoubt) {
            syncNames();
          }
          return new LocalOutput(name, target);
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

  private final class LocalOutput implements LayerFileOutput {
    private final String name;
    private final Path target;
    private final Path temp;
    private final FileChannel channel;
    private final ByteBuffer buffer;
    private long written;
    private boolean published;
    private boolean closed;

    LocalOutput(String name, Path target) throws IOException {
      this.name = name;
      this.target = target;
      temp = target.resolveSibling(target.getFileName() + UNPUBLISHED_SUFFIX);
      channel =
          FileChannel.open(
              temp,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING);
      buffer = WriteBuffers.LAYERS.take();
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long position() {
      return written + buffer.position();
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      if (bytes.remaining() > buffer.remaining()) {
        writeOut(buffer.flip());
        buffer.clear();
      }
      if (bytes.remaining() > buffer.capacity()) {
        writeOut(bytes);
      } else {
        buffer.put(bytes);
      }
    }

    private void writeOut(ByteBuffer bytes) throws IOException {
      LocalFiles.on(
          temp,
          () -> {
            while (bytes.hasRemaining()) {
              written += channel.write(bytes);
            }
          });
    }

    @Override
    public void publish() throws IOException {
      writeOut(buffer.flip());
      // A force that fails is never repeated: the file is given up and written anew, because the
      // kernel may have dropped what it could not write and call the next force a success.
      LocalFiles.on(
          temp,
          () -> {
            timed(() -> channel.force(true));
            channel.close();
            Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
          });
      published = true;
      timed(() -> LocalFiles.syncDirectory(target.resolveSibling(".")));
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        WriteBuffers.LAYERS.giveBack(buffer);
      }
      LocalFiles.on(temp, channel::close);
      if (!published) {
        Files.deleteIfExists(temp);
      }
    }
  }
}
