package io.walstrata.ingest.cli;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** States what to do about a text that cannot be the name of a file. */
final class FileNames {
  /*
   * Java takes the encoding of file names and arguments from the locale alone; no option of the JVM
   * changes it. Under the C locale of most containers and units that is ASCII, and a name with other
   * letters cannot even be asked for. The launcher sees to that; a JVM started without it does not.
   */
  private static final int MAX_CAUSES = 10;

  private FileNames() {}

  /** Returns the advice if such a text is why something failed, itself or as a cause. */
  static Optional<String> problem(Throwable failure) {
    @Nullable Throwable cause = failure;
    for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
      if (cause instanceof InvalidPathException invalid) {
        return Optional.of(problem(invalid, encoding()));
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  /**
   * @param encoding of file names
   */
  static String problem(InvalidPathException invalid, String encoding) {
    String facts = "name=" + invalid.getInput() + ", error=" + invalid.getReason();
    return invalid.getInput().indexOf('\0') >= 0 || isUtf8(encoding)
        ? "not the name of a file: " + facts
        : "the locale does not allow this name of a file, set LC_ALL=C.UTF-8, or another locale"
            + " with UTF-8 that 'locale -a' lists: "
            + facts
            + ", encoding="
            + encoding;
  }

  private static boolean isUtf8(String encoding) {
    try {
      return Charset.forName(encoding).equals(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String encoding() {
    return System.getProperty("sun.jnu.encoding", "unknown");
  }
}
