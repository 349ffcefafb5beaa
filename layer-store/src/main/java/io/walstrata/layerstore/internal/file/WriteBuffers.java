package io.walstrata.layerstore.internal.file;

import java.io.Closeable;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Buffers for files that are written, shared by many stores. For any thread. */
public final class WriteBuffers implements Closeable {
  /*
   * Bytes are gathered before they are written, because a kernel caches large writes in large
   * pages: writing 1 MiB at a time takes a third of the time of 16 KiB (Linux 6.18, ext4). Buffers
   * are reused, as there may be thousands of files at a freeze point.
   *
   * There may be thousands of stores as well, so direct memory is bounded, and when all of it is
   * taken, a caller gets a buffer on the heap.
   */
  private static final int LARGE = 1 << 20;
  private static final int SMALL = 1 << 15;

  private final long maxDirectBytes;
  private final AtomicLong directBytes = new AtomicLong(); // of all direct buffers
  private final ConcurrentLinkedDeque<ByteBuffer> spare = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  /**
   * @param maxDirectBytes bound of the memory outside the heap, in bytes
   */
  public WriteBuffers(long maxDirectBytes) {
    this.maxDirectBytes = maxDirectBytes;
  }

  /**
   * Returns an empty buffer, a large one if there is one, to be passed to {@link #giveBack}
   * afterwards.
   */
  public ByteBuffer take() {
    ByteBuffer large = takeLarge();
    return large != null ? large : ByteBuffer.allocate(SMALL);
  }

  /** Returns an empty buffer of a length, to be passed to {@link #giveBack} afterwards. */
  public ByteBuffer take(int length) {
    ByteBuffer large = length == LARGE ? takeLarge() : null;
    return large != null ? large : ByteBuffer.allocate(length);
  }

  private @Nullable ByteBuffer takeLarge() {
    ByteBuffer used = spare.pollFirst();
    if (used != null) {
      return used.clear();
    }
    if (directBytes.addAndGet(LARGE) <= maxDirectBytes && !closed) {
      try {
        return ByteBuffer.allocateDirect(LARGE);
      } catch (OutOfMemoryError e) {
        // Direct memory is exhausted: see -XX:MaxDirectMemorySize.
      }
    }
    directBytes.addAndGet(-LARGE);
    return null;
  }

  public void giveBack(ByteBuffer buffer) {
    if (buffer.isDirect()) {
      spare.addFirst(buffer);
      if (closed) {
        releaseSpare();
      }
    }
  }

  /** Returns the direct memory that the buffers take, whether or not they are in use, in bytes. */
  public long directBytes() {
    return directBytes.get();
  }

  /** Releases the buffers: those in use when they are given back. Later ones are on the heap. */
  @Override
  public void close() {
    closed = true;
    releaseSpare();
  }

  private void releaseSpare() {
    // The garbage collector frees a direct buffer that nothing refers to.
    while (spare.pollFirst() != null) {
      directBytes.addAndGet(-LARGE);
    }
  }
}
