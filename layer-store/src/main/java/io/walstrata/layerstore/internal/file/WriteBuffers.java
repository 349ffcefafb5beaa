package io.walstrata.layerstore.internal.file;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Buffers for files that are written, shared by all homes. For any thread. */
public final class WriteBuffers {
  /*
   * Bytes are gathered before they are written, because a kernel caches large writes in large
   * pages: writing 1 MiB at a time takes a third of the time of 16 KiB (Linux 6.18, ext4). Buffers
   * are reused, as there may be thousands of files at a freeze point.
   *
   * There may be thousands of homes as well, and direct memory is as large as the heap by default:
   * so the number of direct buffers is bounded, and when all are taken, a caller gets one on the
   * heap. Ephemeral files keep theirs until their values are flushed; layer files have buffers of
   * their own, because a flush must not depend on those.
   */
  /** For layer files. */
  public static final WriteBuffers LAYERS = new WriteBuffers(16);

  /** For ephemeral files. */
  public static final WriteBuffers VALUES = new WriteBuffers(64);

  private static final int LARGE = 1 << 20;
  private static final int SMALL = 1 << 15;
  private static final int HEAP_SHIFT = 26; // no more than one for each 64 MiB of heap

  private final int maxLarge;
  private final AtomicInteger made = new AtomicInteger();
  private final ConcurrentLinkedDeque<ByteBuffer> spare = new ConcurrentLinkedDeque<>();

  private WriteBuffers(int maxLarge) {
    this.maxLarge =
        (int) Math.max(1, Math.min(maxLarge, Runtime.getRuntime().maxMemory() >> HEAP_SHIFT));
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
    if (made.incrementAndGet() <= maxLarge) {
      try {
        return ByteBuffer.allocateDirect(LARGE);
      } catch (OutOfMemoryError e) {
        // Direct memory is exhausted: see -XX:MaxDirectMemorySize.
      }
    }
    made.decrementAndGet();
    return null;
  }

  public void giveBack(ByteBuffer buffer) {
    if (buffer.isDirect()) {
      spare.addFirst(buffer);
    }
  }
}
