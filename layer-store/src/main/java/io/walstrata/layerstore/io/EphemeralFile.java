package io.walstrata.layerstore.io;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
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
   * The end of the file is in a buffer that is not written yet. The buffer is used again once it is
   * written out, while readers may be copying from it; they find out afterwards: the position where
   * the buffer starts moves on before its first byte is overwritten, so a copy counts if the
   * position is the same after it as before. Otherwise the bytes are in the file by then. (A
   * sequence lock whose sequence never needs a second try: H.-J. Boehm, "Can seqlocks get along
   * with programming language memory models?", MSPC 2012.)
   */
  private static final String PREFIX = "ephemeral-";
  private static final String SUFFIX = ".values";
  private static final Logger LOG = LoggerFactory.getLogger(EphemeralFile.class);

  private static final VarHandle START;

  static {
    try {
      START = MethodHandles.lookup().findVarHandle(EphemeralFile.class, "start", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Path path;
  private final InterruptSafeChannel channel;
  private final RefCount users = new RefCount();
  private final byte[] buffer;
  private long start; // where the buffer goes in the file; for readers by START
  private int filled; // of the buffer; the writer's own
  private final AtomicLong end = new AtomicLong(); // of what was appended; the writer sets it

  EphemeralFile(Path path, InterruptSafeChannel channel, int bufferBytes) {
    this.path = path;
    this.channel = channel;
    buffer = new byte[bufferBytes];
  }

  /**
   * Creates a file, and its directory if need be.
   *
   * @param number tells it from the directory's other files
   * @param bufferBytes how much is gathered before it is written
   */
  public static EphemeralFile create(Path directory, long number, int bufferBytes)
      throws IOException {
    Path path = directory.resolve(PREFIX + HexFormat.of().toHexDigits(number) + SUFFIX);
    return LocalFiles.ask(
        path,
        () -> {
          Files.createDirectories(directory);
          return new EphemeralFile(path, InterruptSafeChannel.create(path), bufferBytes);
        });
  }

  /** Deletes what earlier processes left in a directory. The caller is its only user. */
  public static void deleteStale(Path directory) throws IOException {
    for (Path file : LocalFiles.list(directory)) {
      String name = String.valueOf(file.getFileName());
      if (name.startsWith(PREFIX) && name.endsWith(SUFFIX)) {
        LocalFiles.ask(file, () -> Files.deleteIfExists(file));
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
    if (length > buffer.length - filled) {
      writeOut();
    }
    long position = start + filled;
    if (length > buffer.length) {
      channel.write(position, ByteBuffer.wrap(bytes, offset, length));
      moveBuffer(position + length);
    } else {
      System.arraycopy(bytes, offset, buffer, filled, length);
      filled += length;
    }
    end.setRelease(position + length);
    return position;
  }

  private void writeOut() throws IOException {
    if (filled > 0) {
      channel.write(start, ByteBuffer.wrap(buffer, 0, filled));
      moveBuffer(start + filled);
      filled = 0;
    }
  }

  private void moveBuffer(long position) {
    START.setRelease(this, position);
    VarHandle.storeStoreFence(); // what goes into the buffer next is not seen before this
  }

  /** Returns a copy of bytes that were appended. The caller has acquired the file. */
  public byte[] read(long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    int inFile = readBuffered(position, bytes);
    if (inFile > 0) {
      channel.read(position, ByteBuffer.wrap(bytes, 0, inFile));
    }
    return bytes;
  }

  /**
   * Returns a copy of bytes that were appended, and of what was appended behind them, up to {@code
   * maxLength} in all. The caller has acquired the file.
   */
  public byte[] readAhead(long position, int length, int maxLength) throws IOException {
    long appended = end.getAcquire() - position;
    return read(position, (int) Math.max(length, Math.min(maxLength, appended)));
  }

  /** Fills in what is in the buffer, and returns how many bytes before that are in the file. */
  private int readBuffered(long position, byte[] bytes) {
    long seen = (long) START.getAcquire(this);
    int inFile = (int) Math.max(0, Math.min(bytes.length, seen - position));
    if (inFile < bytes.length) {
      int from = (int) (position + inFile - seen);
      System.arraycopy(buffer, from, bytes, inFile, bytes.length - inFile);
      VarHandle.loadLoadFence();
      if ((long) START.getOpaque(this) != seen) {
        return bytes.length;
      }
    }
    return inFile;
  }

  /**
   * Returns all that was appended, for many reads by one thread. Called after the last append. The
   * caller has acquired the file for as long as it uses the values.
   *
   * @throws IOException if the end of the file cannot be written, or the file cannot be mapped; it
   *     can be tried again
   */
  public MappedValues map() throws IOException {
    writeOut();
    return MappedValues.of(channel, start);
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
