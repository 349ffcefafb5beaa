package io.walstrata.layerstore.io;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The buffers in front of files that are written, shared by all homes. For any thread. */
final class WriteBuffers {
  /*
   * Blocks are gathered before they are written: a kernel keeps what it is given at once in large
   * pages, if it can. Writing 1 MiB at a time takes a third of the time of 16 KiB (Linux 6.18,
   * ext4). A buffer is used again, as there may be thousands of files at a freeze point.
   *
   * There may be thousands of homes as well, and memory outside the heap is as large as the heap by
   * default: so there are only so many large buffers, and whoever finds none gets a small one.
   */
  private static final int LARGE = 1 << 20;
  private static final int SMALL = 1 << 15;
  private static final int MAX_LARGE =
      (int) Math.max(1, Math.min(64, Runtime.getRuntime().maxMemory() >> 26));

  private static final AtomicInteger MADE = new AtomicInteger();
  private static final ConcurrentLinkedDeque<ByteBuffer> SPARE = new ConcurrentLinkedDeque<>();

  private WriteBuffers() {}

  /** Returns an empty buffer of some length, for {@link #giveBack} afterwards. */
  static ByteBuffer take() {
    ByteBuffer large = takeLarge();
    return large != null ? large : ByteBuffer.allocate(SMALL);
  }

  /** Returns an empty buffer of a length, for {@link #giveBack} afterwards. */
  static ByteBuffer take(int length) {
    ByteBuffer large = length == LARGE ? takeLarge() : null;
    return large != null ? large : ByteBuffer.allocate(length);
  }

  private static @Nullable ByteBuffer takeLarge() {
    ByteBuffer spare = SPARE.pollFirst();
    if (spare != null) {
      return spare.clear();
    }
    if (MADE.incrementAndGet() <= MAX_LARGE) {
      boolean made = false;
      try {
        ByteBuffer buffer = ByteBuffer.allocateDirect(LARGE);
        made = true;
        return buffer;
      } finally {
        if (!made) {
          MADE.decrementAndGet();
        }
      }
    }
    MADE.decrementAndGet();
    return null;
  }

  static void giveBack(ByteBuffer buffer) {
    if (buffer.isDirect()) {
      SPARE.addFirst(buffer);
    }
  }
}
