package io.walstrata.postgres.backup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of a plain backup or of a stopped server's data directory. */
public final class DirectoryFiles implements ClusterFiles {
  private final Path root;
  private String openPath = "";
  private @Nullable FileChannel open;

  /**
   * @param root the data directory
   */
  public DirectoryFiles(Path root) {
    this.root = root;
  }

  @Override
  public List<Item> list(String directory) throws IOException {
    List<Item> items = new ArrayList<>();
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(root.resolve(directory))) {
      for (Path path : paths) {
        try {
          BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
          items.add(
              new Item(
                  String.valueOf(path.getFileName()), attributes.size(), attributes.isDirectory()));
        } catch (NoSuchFileException e) {
          requireDirectory(directory, path, e);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    return items;
  }

  /** A tablespace whose directory is missing must not be left out unseen. */
  private static void requireDirectory(String directory, Path path, NoSuchFileException e)
      throws IOException {
    if (directory.equals("pg_tblspc") && Files.isSymbolicLink(path)) {
      throw new IOException(
          "the link of a tablespace leads nowhere: link="
              + path
              + ", target="
              + Files.readSymbolicLink(path)
              + "; restore the tablespace's directory, or let the link lead to it",
          e);
    }
  }

  @Override
  public int read(String path, long offset, byte[] target) throws IOException {
    try {
      FileChannel channel = channel(path);
      ByteBuffer buffer = ByteBuffer.wrap(target);
      int count = 0;
      while (count >= 0 && buffer.hasRemaining()) {
        count = channel.read(buffer, offset + buffer.position());
      }
      return buffer.position();
    } catch (NoSuchFileException e) {
      return -1;
    }
  }

  private FileChannel channel(String path) throws IOException {
    FileChannel channel = open;
    if (channel == null || !openPath.equals(path)) {
      close();
      channel = FileChannel.open(root.resolve(path), StandardOpenOption.READ);
      open = channel;
      openPath = path;
    }
    return channel;
  }

  @Override
  public void close() throws IOException {
    FileChannel channel = open;
    open = null;
    if (channel != null) {
      channel.close();
    }
  }
}
