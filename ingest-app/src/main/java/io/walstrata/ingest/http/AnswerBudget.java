package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReadLimit;
import java.io.Closeable;
import java.util.concurrent.atomic.AtomicLong;

/** Bounds the heap that answers in progress take, all requests together. Thread-safe. */
final class AnswerBudget {
  private final long limitBytes;
  private final AtomicLong takenBytes = new AtomicLong();

  AnswerBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Returns the bytes that answers in progress take at the moment. */
  long takenBytes() {
    return takenBytes.get();
  }

  Lease lease() {
    return new Lease();
  }

  /**
   * The bytes that one answer takes until it is closed. Thread-safe: one thread reads, another
   * sends.
   */
  final class Lease implements ReadLimit, Closeable {
    private long bytes; // guarded by this
    private boolean isClosed; // guarded by this

    @Override
    public synchronized void take(long more) {
      if (isClosed) {
        throw new IllegalStateException("the answer has ended");
      }
      if (more > limitBytes - bytes) {
        throw Errors.answerTooLarge(bytes, more, limitBytes);
      }
      long before;
      do {
        before = takenBytes.get();
        if (more > limitBytes - before) {
          throw Errors.tooBusy(bytes, more, before, limitBytes);
        }
      } while (!takenBytes.compareAndSet(before, before + more));
      bytes += more;
    }

    @Override
    public synchronized void giveBack(long less) {
      if (!isClosed) {
        bytes -= less;
        takenBytes.addAndGet(-less);
      }
    }

    /** Gives all bytes back; closing again does nothing. */
    @Override
    public synchronized void close() {
      if (!isClosed) {
        isClosed = true;
        takenBytes.addAndGet(-bytes);
      }
    }
  }
}
