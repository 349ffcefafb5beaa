package io.walstrata.harness.servers;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Unpacks tar archives: files, folders and symbolic links, as ustar or GNU tar write them. */
final class Tar {
  /*
   * Small enough to be here: the usual library drags in others, of which an older copy sits unrelocated in
   * the registry client's jar, so that the order of the class path would decide whether it works.
   *
   * An archive is a row of 512-byte blocks: a header, then the content rounded up to whole blocks.
   * GNU tar puts a name of more than 100 bytes into an entry of type L (link target: K) before.
   */
  private static final int BLOCK = 512;
  private static final int NAME = 0;
  private static final int NAME_LENGTH = 100;
  private static final int MODE = NAME + NAME_LENGTH;
  private static final int SIZE = 124;
  private static final int NUMBER_LENGTH = 12;
  private static final int TYPE = 156;
  private static final int LINK = 157;
  private static final int MAGIC = 257;
  private static final int PREFIX = 345;
  private static final int PREFIX_LENGTH = 155;
  private static final int LONGEST_NAME = 1 << 16;

  private final InputStream in;
  private final Path folder;
  private final byte[] header = new byte[BLOCK];
  private String longName = "";
  private String longLink = "";

  private Tar(InputStream in, Path folder) {
    this.in = in;
    this.folder = folder;
  }

  /**
   * Unpacks into an existing folder. The stream is read up to the end mark, and not closed.
   *
   * @throws IOException if the archive is cut off, has an entry of another type, or one that would
   *     land outside the folder
   */
  static void unpack(InputStream in, Path folder) throws IOException {
    new Tar(in, folder).run();
  }

  private void run() throws IOException {
    while (true) {
      readFully(header);
      if (header[NAME] == 0) {
        return;
      }
      long size = octal(SIZE, NUMBER_LENGTH);
      switch (header[TYPE]) {
        case 'L' -> longName = longText(size);
        case 'K' -> longLink = longText(size);
        case '0', 0, '2', '5' -> entry(size);
        default ->
            throw new IOException(
                "tar entry of unknown type=" + (char) header[TYPE] + " name=" + name());
      }
    }
  }

  private void entry(long size) throws IOException {
    Path target = folder.resolve(name()).normalize();
    if (!target.startsWith(folder)) {
      throw new IOException("tar entry outside its folder, name=" + name());
    }
    if (header[TYPE] == '5') {
      Files.createDirectories(target);
    } else if (header[TYPE] == '2') {
      Files.createDirectories(target.resolveSibling("."));
      String link = longLink.isEmpty() ? text(LINK, NAME_LENGTH) : longLink;
      Files.createSymbolicLink(target, Path.of(link));
    } else {
      Files.createDirectories(target.resolveSibling("."));
      file(target, size);
    }
    longName = "";
    longLink = "";
  }

  private void file(Path target, long size) throws IOException {
    try (var out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
      byte[] buffer = new byte[1 << 16];
      long left = size;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new EOFException("tar archive cut off inside name=" + name());
        }
        out.write(buffer, 0, read);
        left -= read;
      }
    }
    skipPadding(size);
    boolean executable = (octal(MODE, 8) & 0111) != 0;
    Files.setPosixFilePermissions(
        target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private String longText(long size) throws IOException {
    if (size > LONGEST_NAME) {
      throw new IOException("tar name too long, bytes=" + size);
    }
    byte[] bytes = new byte[(int) size];
    readFully(bytes);
    skipPadding(size);
    return cString(bytes, 0, bytes.length);
  }

  private String name() {
    if (!longName.isEmpty()) {
      return longName;
    }
    String name = text(NAME, NAME_LENGTH);
    // "ustar\0": POSIX; GNU's own magic has a blank there and no prefix field.
    boolean posix = text(MAGIC, 6).equals("ustar");
    String prefix = posix ? text(PREFIX, PREFIX_LENGTH) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private String text(int offset, int length) {
    return cString(header, offset, length);
  }

  private static String cString(byte[] bytes, int offset, int length) {
    int end = offset;
    while (end < offset + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
  }

  private long octal(int offset, int length) throws IOException {
    String digits = text(offset, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("tar header damaged, name=" + name() + " number=" + digits, e);
    }
  }

  private void skipPadding(long size) throws IOException {
    in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
  }

  private void readFully(byte[] bytes) throws IOException {
    if (in.readNBytes(bytes, 0, bytes.length) < bytes.length) {
      throw new EOFException("tar archive cut off");
    }
  }
}
