package io.walstrata.layerstore.testkit.faultfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is on a disk when its machine starts. */
public final class DiskImage {
  /** Nothing. */
  public static final DiskImage EMPTY = new DiskImage();

  /** A file, or a directory, which comes before what is in it. */
  record Entry(String path, byte @Nullable [] content) {}

  final List<Entry> entries = new ArrayList<>();

  DiskImage() {}

  /** Returns a text that is the same for equal images and for no others. */
  public String fingerprint() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    for (Entry entry : entries) {
      byte[] content = entry.content;
      int length = content == null ? -1 : content.length;
      digest.update((entry.path + "\n" + length + "\n").getBytes(StandardCharsets.UTF_8));
      if (content != null) {
        digest.update(content);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Writes the image to a real disk, into a directory that does not exist yet. */
  public void writeTo(Path directory) throws IOException {
    Files.createDirectories(directory);
    for (Entry entry : entries) {
      Path path = directory.resolve(entry.path);
      if (entry.content == null) {
        Files.createDirectory(path);
      } else {
        Files.write(path, entry.content);
      }
    }
  }
}
