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
   *
   * There may be ten thousand of these, most with next to nothing in them: the buffer starts small
   * and is copied to a larger one until it has its full length. A reader that holds the old one
   * finds there what it was told of, since nothing is written to it any more. The last one lies
   * outside the heap, if there is one to be had: the kernel copies from there, while the JDK would
   * have to copy from the heap first.
   */
  private static final int FIRST_BUFFER = 4096;
  private static final int GROWTH = 4;

  private static final String PREFIX = "ephemeral-";
  private static final String SUFFIX = ".values";
  private static final Logger LOG = LoggerFactory.getLogger(EphemeralFile.class);

  private static final VarHandle START = field("start", long.class);
  private static final VarHandle BUFFER = field("buffer", ByteBuffer.class);

  private static VarHandle field(String name, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(EphemeralFile.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Path path;
  private final InterruptSafeChannel channel;
  private final RefCount users = new RefCount();
  private final int maxBufferBytes;
  private ByteBuffer
      buffer; // its position means nothing; replaced by a longer one; for readers by BUFFER
  private long start; // where the buffer goes in the file; for readers by START
  private int filled; // of the buffer; the writer's own
  private final AtomicLong end = new AtomicLong(); // of what was appended; the writer sets it

  EphemeralFile(Path path, InterruptSafeChannel channel, int bufferBytes) {
    this.path = path;
    this.channel = channel;
    maxBufferBytes = bufferBytes;
    buffer = ByteBuffer.allocate(Math.min(FIRST_BUFFER, bufferBytes));
  }

  /**
   * Creates a file, and its directory if need be.
   *
   * @param number tells it from the directory's other files
   * @param bufferBytes how much is gathered before it is written
   * @throws EphemeralFileException if it cannot be created; it can be tried again
   */
  public static EphemeralFile create(Path directory, long number, int bufferBytes)
      throws IOException {
    Path path = directory.resolve(PREFIX + HexFormat.of().toHexDigits(number) + SUFFIX);
    try {
      return LocalFiles.ask(
          path,
          () -> {
            Files.createDirectories(directory);
            return new EphemeralFile(path, InterruptSafeChannel.create(path), bufferBytes);
          });
    } catch (IOException e) {
      throw new EphemeralFileException(e);
    }
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
   * @throws EphemeralFileException if the file cannot be written; nothing is appended, and it can
   *     be tried again
   */
  public long append(byte[] bytes, int offset, int length) throws EphemeralFileException {
    if (length > buffer.capacity() - filled) {
      makeRoom(length);
    }
    long position = start + filled;
    if (length > buffer.capacity()) {
      write(position, ByteBuffer.wrap(bytes, offset, length));
      moveBuffer(position + length);
    } else {
      buffer.put(filled, bytes, offset, length);
      filled += length;
    }
    end.setRelease(position + length);
    return position;
  }

  private void makeRoom(int length) throws EphemeralFileException {
    if (length <= maxBufferBytes - filled) {
      long wanted = Math.max((long) filled + length, (long) buffer.capacity() * GROWTH);
      ByteBuffer longer = WriteBuffers.take((int) Math.min(maxBufferBytes, wanted));
      longer.put(0, buffer, 0, filled);
      BUFFER.setRelease(this, longer);
    } else {
      writeOut();
    }
  }

  private void writeOut() throws EphemeralFileException {
    if (filled > 0) {
      write(start, buffer.duplicate().position(0).limit(filled));
      moveBuffer(start + filled);
      filled = 0;
    }
  }

  private void write(long position, ByteBuffer bytes) throws EphemeralFileException {
    try {
      channel.write(position, bytes);
    } catch (IOException e) {
      throw new EphemeralFileException(e);
    }
  }

  private void moveBuffer(long position) {
    START.setRelease(this, position);
    VarHandle.storeStoreFence(); // what goes into the buffer next is not seen before this
  }

  /** Returns how many bytes were appended. For the writer. */
  public long length() {
    return start + filled;
  }

  /** Returns the memory that the file takes, in bytes. For the writer. */
  public long heapBytes() {
    return buffer.capacity();
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
      ByteBuffer seenBuffer = (ByteBuffer) BUFFER.getAcquire(this);
      seenBuffer.get(from, bytes, inFile, bytes.length - inFile);
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
      WriteBuffers.giveBack(buffer);
      try {
        channel.close();
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.warn("ephemeral file not deleted, the next owner will: file={}", path, e);
      }
    }
  }
}
