package io.walstrata.postgres.backup;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The files of a cluster, by paths relative to its data directory. For one thread. */
public interface ClusterFiles extends Closeable {
  /** The longest {@code backup_label}, relation map or control file that is read. */
  int MAX_SMALL_BYTES = 1 << 20;

  /**
   * A file or directory.
   *
   * @param name without its directory
   * @param bytes its length; of no meaning for a directory
   */
  record Item(String name, long bytes, boolean isDirectory) {}

  /** Returns what a directory holds, in any order; nothing if there is no such directory. */
  List<Item> list(String directory) throws IOException;

  /**
   * Reads bytes of a file.
   *
   * @return how many bytes were read: fewer than asked for at the file's end, -1 if there is no
   *     such file
   */
  int read(String path, long offset, byte[] target) throws IOException;

  /**
   * Reads a small file.
   *
   * @return its content, empty if there is no such file
   */
  default Optional<byte[]> readSmall(String path) throws IOException {
    byte[] content = new byte[MAX_SMALL_BYTES + 1];
    int count = read(path, 0, content);
    if (count > MAX_SMALL_BYTES) {
      throw new IOException(
          "file is longer than such a file can be: file=" + path + ", limit=" + MAX_SMALL_BYTES);
    }
    return count < 0 ? Optional.empty() : Optional.of(Arrays.copyOf(content, count));
  }
}
