package io.walstrata.harness.servers;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.io.FileUtils;
import org.tukaani.xz.XZInputStream;

/** Unpacks the servers of the distribution. */
final class Archives {
  private static final int BUFFER_BYTES = 1 << 16;

  private Archives() {}

  /**
   * Unpacks a {@code .tar.gz}, or the {@code .txz} inside a {@code .jar}, unless that was done
   * before. The folder appears complete or not at all, also when several processes unpack at once.
   *
   * @param parent where to put the folder
   * @return the folder, a different one for another archive
   * @throws IOException if the archive is cut off or damaged, has an entry that is not a file, a
   *     folder or a symbolic link, or one that would be outside the folder
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
      // Another process was faster.
    } finally {
      FileUtils.deleteDirectory(staging.toFile());
    }
    return folder;
  }

  private static void unpack(Path archive, Path folder) throws IOException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), BUFFER_BYTES)) {
      if (archive.toString().endsWith(".jar")) {
        ZipInputStream zip = new ZipInputStream(file);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          if (entry.getName().endsWith(".txz")) {
            untar(new XZInputStream(zip), folder);
            return;
          }
        }
        throw new IOException("no .txz inside, file=" + archive);
      }
      untar(new GZIPInputStream(file, BUFFER_BYTES), folder);
    }
  }

  private static void untar(InputStream in, Path folder) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(in);
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path target = entry.resolveIn(folder);
      if (entry.isDirectory()) {
        Files.createDirectories(target);
        continue;
      }
      Files.createDirectories(target.resolveSibling("."));
      if (entry.isSymbolicLink()) {
        Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
      } else if (entry.isFile() && !entry.isLink()) {
        Files.copy(tar, target);
        boolean executable = (entry.getMode() & 0111) != 0;
        Files.setPosixFilePermissions(
            target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
      } else {
        throw new IOException("tar entry of a type that is not supported: name=" + entry.getName());
      }
    }
    // The check value of the compressed stream is at its end: a cut would go unnoticed without it.
    in.transferTo(OutputStream.nullOutputStream());
  }
}
