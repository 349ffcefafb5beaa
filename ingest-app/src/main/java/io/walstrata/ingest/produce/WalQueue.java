package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A queue of WAL between the thread that receives it and the thread that applies it; holds a
 * bounded number of bytes. Thread-safe.
 */
final class WalQueue {
  /**
   * Bytes of WAL.
   *
   * @param restart whether these bytes do not follow those of the chunk before
   * @param timeline PostgreSQL's timeline that they were read from
   * @param lsn of the first byte
   */
  record Chunk(boolean restart, int timeline, Lsn lsn, ByteBuffer wal) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private final long capacity;
  private long size;

  /**
   * @param capacity bytes held at most; an empty queue accepts a chunk of any size
   */
  WalQueue(long capacity) {
    this.capacity = capacity;
  }

  /** Adds a chunk if there is room; waits for room at most so long. */
  boolean offer(Chunk chunk, long millis) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(millis);
      while (size > 0 && size + chunk.wal().remaining() > capacity) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      chunks.add(chunk);
      size += chunk.wal().remaining();
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Removes and returns the first chunk; null if there is none in time. */
  @Nullable Chunk poll(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (chunks.isEmpty()) {
        if (left <= 0) {
          return null;
        }
        left = changed.awaitNanos(left);
      }
      Chunk first = chunks.remove();
      size -= first.wal().remaining();
      changed.signalAll();
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Discards all chunks. */
  void clear() {
    lock.lock();
    try {
      chunks.clear();
      size = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isEmpty() {
    lock.lock();
    try {
      return chunks.isEmpty();
    } finally {
      lock.unlock();
    }
  }
}
