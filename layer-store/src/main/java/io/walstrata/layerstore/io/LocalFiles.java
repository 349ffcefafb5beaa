package io.walstrata.layerstore.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/** Single files and directories on a local disk. */
public final class LocalFiles {
  private static final boolean CAN_SYNC_DIRECTORIES =
      !System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

  private LocalFiles() {}

  /**
   * Opens a file for reading, wherever it is.
   *
   * @throws NoSuchFileException if there is none, or it is no regular file
   */
  public static LayerFileInput open(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new NoSuchFileException(path.toString(), null, "no such regular file");
    }
    return new LocalInput(path, path.toString());
  }

  static LayerFileInput open(Path path, String name) throws IOException {
    return new LocalInput(path, name);
  }

  /** Creates a directory and its parents, each of them durable when this returns. */
  static void createDirectories(Path directory) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path path = directory.toAbsolutePath();
        path != null && !Files.isDirectory(path);
        path = path.getParent()) {
      missing.push(path);
    }
    for (Path path : missing) {
      Files.createDirectories(path);
      syncDirectory(path.resolveSibling("."));
    }
  }

  /** Makes names that were created, renamed or deleted in a directory durable. */
  static void syncDirectory(Path directory) throws IOException {
    if (CAN_SYNC_DIRECTORIES) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  static boolean exists(Path path) {
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
