package io.walstrata.layerstore.internal.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads paths that belong to no open home, for programs that examine files. Nothing is written. */
public final class PathReads {
  private PathReads() {}

  /** Returns whether a path exists, following links. */
  public static boolean exists(Path path) {
    return LocalFiles.exists(path);
  }

  public static boolean isDirectory(Path path) {
    return Files.isDirectory(path);
  }

  public static boolean isRegularFile(Path path) {
    return Files.isRegularFile(path);
  }

  /** Returns the paths in a directory, sorted by name. */
  public static List<Path> sorted(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(entries);
    return entries;
  }

  /** Returns the first bytes of a file; fewer if it is shorter. */
  public static byte[] head(Path file, int length) throws IOException {
    try (InputStream bytes = Files.newInputStream(file)) {
      return bytes.readNBytes(length);
    }
  }

  /** Returns the text of a file. */
  public static String text(Path file) throws IOException {
    return Files.readString(file);
  }

  /** Returns a file's bytes. */
  public static byte[] bytes(Path file) throws IOException {
    return Files.readAllBytes(file);
  }
}
