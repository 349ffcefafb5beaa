package io.walstrata.layerstore.internal.file;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Reads and writes one file at given positions, for threads of which any may be interrupted. */
public final class InterruptSafeChannel implements Closeable {
  /*
   * A FileChannel closes itself when a thread is interrupted inside one of its methods, for every
   * other thread as well. A cancelled query must not close the file for the other threads: the
   * channel is opened again, the operation repeated, and the thread stays interrupted for the
   * caller to see.
   *
   * Transfers are cut into pieces, because the JDK keeps a direct buffer per thread as large as the
   * largest transfer that the thread ever made.
   */
  private static final int MAX_TRANSFER = 1 << 20;

  private final Path path;
  private final OpenOption[] reopenOptions;
  private volatile FileChannel channel;
  private boolean closed; // guarded by this

  private InterruptSafeChannel(Path path, FileChannel channel, OpenOption... reopenOptions) {
    this.path = path;
    this.channel = channel;
    this.reopenOptions = reopenOptions;
  }

  public static InterruptSafeChannel openForRead(Path path) throws IOException {
    return new InterruptSafeChannel(
        path, FileChannel.open(path, StandardOpenOption.READ), StandardOpenOption.READ);
  }

  /** Opens an existing file for writing. */
  public static InterruptSafeChannel openForWrite(Path path) throws IOException {
    return new InterruptSafeChannel(
        path, FileChannel.open(path, StandardOpenOption.WRITE), StandardOpenOption.WRITE);
  }

  /** Creates a file that must not exist. */
  public static InterruptSafeChannel create(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new InterruptSafeChannel(
        path, channel, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  long size() throws IOException {
    long[] size = new long[1];
    repeat(open -> size[0] = open.size());
    return size[0];
  }

  /** Maps a part of the file for reading. */
  public MappedByteBuffer map(long position, long length) throws IOException {
    MappedByteBuffer[] mapped = new MappedByteBuffer[1];
    repeat(open -> mapped[0] = open.map(FileChannel.MapMode.READ_ONLY, position, length));
    return mapped[0];
  }

  /** Fills the rest of {@code target} with the bytes from {@code position} on. */
  public void read(long position, ByteBuffer target) throws IOException {
    transfer(
        position,
        target,
        (open, piece, at) -> {
          if (open.read(piece, at) < 0) {
            throw new EOFException("file ends early: file=" + path + ", position=" + at);
          }
        });
  }

  /** Writes the rest of {@code source} at {@code position}. */
  public void write(long position, ByteBuffer source) throws IOException {
    transfer(position, source, (open, piece, at) -> open.write(piece, at));
  }

  private interface Step {
    void run(FileChannel open, ByteBuffer piece, long position) throws IOException;
  }

  private void transfer(long position, ByteBuffer buffer, Step step) throws IOException {
    int first = buffer.position();
    int limit = buffer.limit();
    repeat(
        open -> {
          while (buffer.position() < limit) {
            int at = buffer.position();
            buffer.limit(Math.min(limit, at + MAX_TRANSFER));
            try {
              step.run(open, buffer, position + at - first);
            } finally {
              buffer.limit(limit);
            }
          }
        });
  }

  private interface Attempt {
    void run(FileChannel open) throws IOException;
  }

  /**
   * Repeats an attempt until the channel is not closed during it. An attempt may resume where the
   * one before it stopped.
   */
  private void repeat(Attempt attempt) throws IOException {
    LocalFiles.runWithFileName(path, () -> repeatUnnamed(attempt));
  }

  private void repeatUnnamed(Attempt attempt) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        FileChannel open = channel;
        try {
          attempt.run(open);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
          reopen(open);
        } catch (ClosedChannelException e) {
          reopen(open);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void reopen(FileChannel found) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (channel == found) {
      channel = FileChannel.open(path, reopenOptions);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    LocalFiles.runWithFileName(path, channel::close);
  }
}
