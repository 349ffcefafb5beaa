package io.walstrata.layerstore.internal.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Distinguishes failures of a disk, which may pass, from mistakes in the setup, which do not. */
public final class DiskFailures {
  /** The longest name that common file systems take, and the longest path that Linux takes. */
  private static final int MAX_NAME_BYTES = 255;

  private static final int MAX_PATH_BYTES = 4095;

  private DiskFailures() {}

  /**
   * Returns whether a retry may succeed: the disk is full, read-only or not mounted. Only failures
   * of files may pass, except {@link #isMistake mistakes}.
   */
  public static boolean mayPass(IOException e) {
    return e instanceof FileSystemException && !isMistake(e);
  }

  /**
   * Returns whether a retry fails until the setup is changed: access is denied, there is a file in
   * place of a directory, or a name is too long.
   */
  public static boolean isMistake(IOException e) {
    return e instanceof AccessDeniedException
        || e instanceof FileAlreadyExistsException
        || e instanceof NotDirectoryException
        || e instanceof DirectoryNotEmptyException
        || e instanceof FileSystemLoopException
        || e instanceof NotLinkException
        || (e instanceof FileSystemException failure
            && (isTooLong(failure.getFile()) || isBelowAFile(failure.getFile())));
  }

  /**
   * Returns whether a name is too long; the system's message cannot be compared, as it is
   * localized.
   */
  private static boolean isTooLong(@Nullable String file) {
    if (file == null) {
      return false;
    }
    for (Path name : Path.of(file)) {
      if (bytes(name.toString()) > MAX_NAME_BYTES) {
        return true;
      }
    }
    return bytes(file) > MAX_PATH_BYTES;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * Returns whether a part of the path is a file, for which the JDK has no exception of its own.
   */
  private static boolean isBelowAFile(@Nullable String file) {
    if (file == null) {
      return false;
    }
    for (Path each = Path.of(file).getParent(); each != null; each = each.getParent()) {
      if (Files.isRegularFile(each)) {
        return true;
      }
    }
    return false;
  }
}
