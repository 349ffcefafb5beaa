package io.walstrata.harness.servers;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.tukaani.xz.XZInputStream;

/** Unpacks the servers of the distribution. */
public final class Archives {
  private Archives() {}

  /**
   * Unpacks a {@code .tar.gz}, or the {@code .txz} inside a {@code .jar}, unless that was done
   * before. The folder appears complete or not at all, also when several processes unpack at once.
   *
   * @param parent where to put the folder
   * @return the folder, a different one for another archive
   */
  static Path unpackOnce(Path archive, Path parent) throws IOException {
    String name = archive.getFileName().toString();
    long mark = Files.getLastModifiedTime(archive).toMillis() * 31 + Files.size(archive);
    Path folder =
        parent.resolve(name.substring(0, name.indexOf('.')) + "-" + Long.toHexString(mark));
    if (Files.isDirectory(folder)) {
      return folder;
    }
    Files.createDirectories(parent);
    Path staging = Files.createTempDirectory(parent, ".unpacking-");
    try {
      unpack(archive, staging);
      Files.setPosixFilePermissions(staging, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(staging, folder);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      // Somebody else was faster.
    } finally {
      deleteTree(staging);
    }
    return folder;
  }

  private static void unpack(Path archive, Path folder) throws IOException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), 1 << 16)) {
      if (archive.toString().endsWith(".jar")) {
        ZipInputStream zip = new ZipInputStream(file);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          if (entry.getName().endsWith(".txz")) {
            Tar.unpack(new XZInputStream(zip), folder);
            return;
          }
        }
        throw new IOException("no .txz inside, file=" + archive);
      }
      Tar.unpack(new GZIPInputStream(file, 1 << 16), folder);
    }
  }

  /** Deletes a folder and everything below it; links are deleted, not followed. */
  public static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(Comparator.reverseOrder()).forEach(Archives::delete);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
