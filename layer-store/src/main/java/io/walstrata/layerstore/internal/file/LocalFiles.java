package io.walstrata.layerstore.internal.file;

import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.internal.IoRunnable;
import io.walstrata.layerstore.internal.IoSupplier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Operations on single files and directories of a local disk. */
public final class LocalFiles {
  private static final boolean CAN_SYNC_DIRECTORIES =
      !System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

  private LocalFiles() {}

  /**
   * Opens any file for reading.
   *
   * @throws NoSuchFileException if the file does not exist or is no regular file
   */
  public static LayerFileInput open(Path path) throws IOException {
    return open(path, path.toString());
  }

  public static LayerFileInput open(Path path, String name) throws IOException {
    // Not Files.isRegularFile, which reports a failing disk as a missing file.
    if (!getWithFileName(path, () -> Files.readAttributes(path, BasicFileAttributes.class))
        .isRegularFile()) {
      throw new NoSuchFileException(path.toString(), null, "no such regular file");
    }
    return getWithFileName(path, () -> new LocalInput(path, name));
  }

  /** Returns the paths in a directory, in no order; none if the directory does not exist. */
  public static List<Path> list(Path directory) throws IOException {
    try {
      return getWithFileName(directory, () -> read(directory));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  private static List<Path> read(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return entries;
  }

  /** Makes the name of a directory durable, and the names of its parents. */
  public static void syncParents(Path directory) throws IOException {
    for (Path parent = directory.toAbsolutePath().normalize().getParent();
        parent != null;
        parent = parent.getParent()) {
      syncOwnDirectory(parent);
    }
  }

  /**
   * Makes names in a directory durable, if this process may create any there: a directory without
   * write access may not be openable or syncable.
   */
  public static void syncOwnDirectory(Path directory) throws IOException {
    try {
      syncDirectory(directory);
    } catch (IOException e) {
      if (Files.isWritable(directory)) {
        throw e;
      }
    }
  }

  /** Makes names that were created, renamed or deleted in a directory durable. */
  public static void syncDirectory(Path directory) throws IOException {
    if (CAN_SYNC_DIRECTORIES) {
      runWithFileName(
          directory,
          () -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
              channel.force(true);
            }
          });
    }
  }

  /**
   * Returns the content of a small text file; if it does not exist, creates it with this text.
   * Several processes may call this at the same time.
   */
  public static String noted(Path file, String text) throws IOException {
    try {
      return getWithFileName(file, () -> Files.readString(file));
    } catch (NoSuchFileException e) {
      Path directory = file.toAbsolutePath().normalize().resolveSibling(".").normalize();
      getWithFileName(directory, () -> Files.createDirectories(directory));
      Path temp =
          getWithFileName(directory, () -> Files.createTempFile(directory, "note", ".temp"));
      replace(file, temp, text.getBytes(StandardCharsets.UTF_8));
      syncDirectory(directory);
      return text;
    }
  }

  /**
   * Replaces a file's content atomically; its name becomes durable when its directory is synced.
   */
  public static void replace(Path file, Path temp, byte[] bytes) throws IOException {
    runWithFileName(
        temp,
        () -> {
          write(temp, bytes);
          Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
        });
  }

  /** Writes a file, whose content is durable when this returns. */
  public static void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }

  /**
   * Does the work, and adds the file and the cause to the message of an exception, which the JDK
   * often omits.
   */
  public static void runWithFileName(Path file, IoRunnable work) throws IOException {
    try {
      work.run();
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  /** Does the work as {@link #runWithFileName} does, and returns its result. */
  public static <T> T getWithFileName(Path file, IoSupplier<T> work) throws IOException {
    try {
      return work.get();
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  private static IOException named(Path file, IOException e) {
    FileSystemException named;
    if (e.getClass() == IOException.class) {
      named = new FileSystemException(file.toString(), null, e.getMessage());
    } else if (e instanceof AccessDeniedException denied && denied.getReason() == null) {
      // The message of these exceptions is the file alone.
      named = new AccessDeniedException(denied.getFile(), denied.getOtherFile(), "access denied");
    } else {
      return e;
    }
    named.initCause(e);
    return named;
  }

  public static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static final class LocalInput implements LayerFileInput {
    private final String name;
    private final long length;
    private final InterruptSafeChannel channel;

    LocalInput(Path path, String name) throws IOException {
      this.name = name;
      InterruptSafeChannel opened = InterruptSafeChannel.openForRead(path);
      try {
        length = opened.size();
      } catch (IOException e) {
        opened.close();
        throw e;
      }
      channel = opened;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long length() {
      return length;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
      channel.read(position, target);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
