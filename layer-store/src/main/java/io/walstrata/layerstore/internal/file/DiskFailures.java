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

/** Tells failures of a disk, which pass, from mistakes in the setup, which do not. */
public final class DiskFailures {
  /** What common file systems take as one name, and Linux as a path. */
  private static final int MAX_NAME_BYTES = 255;

  private static final int MAX_PATH_BYTES = 4095;

  private DiskFailures() {}

  /**
   * Returns whether trying again may help: a disk that is full, read-only or away. Only failures of
   * files may pass, and of these not {@link #isMistake mistakes}.
   */
  public static boolean mayPass(IOException e) {
    return e instanceof FileSystemException && !isMistake(e);
  }

  /**
   * Returns whether this stays as it is until the setup is changed: a right that is missing, a file
   * where a directory has to be, a name that is too long.
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

  /** The system's words for it are in the user's language. */
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

  /** The JDK has no exception of its own for a path that goes through a file. */
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
