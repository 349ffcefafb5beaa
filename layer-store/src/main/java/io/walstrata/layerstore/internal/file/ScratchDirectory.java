package io.walstrata.layerstore.internal.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Files whose loss costs nothing: never synced, replaced in place, deleted as a whole. */
public final class ScratchDirectory {
  private ScratchDirectory() {}

  /** Writes a small text file, making the directory if need be. */
  public static void writeText(Path directory, String name, String text) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(name), text);
  }

  /** Deletes the directory and all that is in it; does nothing if there is none. */
  public static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
