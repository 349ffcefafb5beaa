package io.walstrata.layerstore.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only file for the values of open and frozen layers. It is never synced, and is deleted
 * when its owner and the last reader have let go of it.
 *
 * <p>Threads: one appends, any number reads. A position is handed to readers by whatever makes the
 * appending happen before the reading. Readers never wait for the writer, nor it for them.
 */
public final class EphemeralFile {
  /*
   * The end of the file is in a buffer that is not written yet. Buffer and the position where it
   * starts are published together, and a buffer's bytes never change once they are appended: a full
   * buffer is written out, left to those who still read it, and replaced by a new one. A reader that
   * sees an old buffer finds old bytes in it, one that sees a new buffer finds them in the file.
   */
  private static final String PREFIX = "ephemeral-";
  private static final String SUFFIX = ".values";
  private static final Logger LOG = LoggerFactory.getLogger(EphemeralFile.class);

  private static final class Tail {
    final byte[] buffer;
    final long start;

    Tail(byte[] buffer, long start) {
      this.buffer = buffer;
      this.start = start;
    }
  }

  private final Path path;
  private final InterruptSafeChannel channel;
  private final int bufferBytes;
  private final RefCount users = new RefCount();
  private volatile Tail tail;
  private int filled; // of the tail's buffer; the writer's own

  EphemeralFile(Path path, InterruptSafeChannel channel, int bufferBytes) {
    this.path = path;
    this.channel = channel;
    this.bufferBytes = bufferBytes;
    tail = new Tail(new byte[bufferBytes], 0);
  }

  /**
   * Creates a file, and its directory if need be.
   *
   * @param number tells it from the directory's other files
   * @param bufferBytes how much is gathered before it is written
   */
  public static EphemeralFile create(Path directory, long number, int bufferBytes)
      throws IOException {
    Files.createDirectories(directory);
    Path path = directory.resolve(PREFIX + HexFormat.of().toHexDigits(number) + SUFFIX);
    return new EphemeralFile(path, InterruptSafeChannel.create(path), bufferBytes);
  }

  /** Deletes what earlier processes left in a directory. The caller is its only user. */
  public static void deleteStale(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /**
   * Appends bytes and returns their position.
   *
   * @throws IOException if the file cannot be written; nothing is appended, and it can be tried
   *     again
   */
  public long append(byte[] bytes, int offset, int length) throws IOException {
    Tail end = tail;
    if (length > bufferBytes - filled) {
      end = writeOut(end);
    }
    long position = end.start + filled;
    if (length > bufferBytes) {
      channel.write(position, ByteBuffer.wrap(bytes, offset, length));
      tail = new Tail(end.buffer, position + length);
    } else {
      System.arraycopy(bytes, offset, end.buffer, filled, length);
      filled += length;
    }
    return position;
  }

  private Tail writeOut(Tail full) throws IOException {
    if (filled == 0) {
      return full;
    }
    channel.write(full.start, ByteBuffer.wrap(full.buffer, 0, filled));
    Tail next = new Tail(new byte[bufferBytes], full.start + filled);
    tail = next;
    filled = 0;
    return next;
  }

  /** Returns a copy of bytes that were appended. The caller has acquired the file. */
  public byte[] read(long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    Tail end = tail;
    int inFile = (int) Math.max(0, Math.min(length, end.start - position));
    if (inFile > 0) {
      channel.read(position, ByteBuffer.wrap(bytes, 0, inFile));
    }
    if (inFile < length) {
      int from = (int) (position + inFile - end.start);
      System.arraycopy(end.buffer, from, bytes, inFile, length - inFile);
    }
    return bytes;
  }

  /** Keeps the file from being deleted until {@link #release}; returns false if it is too late. */
  public boolean tryAcquire() {
    return users.tryAcquire();
  }

  /** Lets go of the file. Its owner, who has created it, does so once as well. */
  public void release() {
    if (users.release()) {
      try {
        channel.close();
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.warn("ephemeral file not deleted, the next owner will: file={}", path, e);
      }
    }
  }
}
