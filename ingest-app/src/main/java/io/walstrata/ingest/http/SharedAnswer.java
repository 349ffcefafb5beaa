package io.walstrata.ingest.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is made once for all requests that wait for it: never twice at the same time,
 * however many requests there are, and in a thread of its own. Thread-safe.
 */
final class SharedAnswer<T> {
  private final Supplier<T> maker;
  private final Executor executor;
  private final long maxAgeNanos;
  private @Nullable CompletableFuture<T> last; // guarded by this
  private long lastStart; // guarded by this
  private @Nullable CompletableFuture<T> next; // made after the last one; guarded by this

  /**
   * @param maxAge the age up to which an answer is used again; zero for a new one each time
   */
  SharedAnswer(Supplier<T> maker, Executor executor, Duration maxAge) {
    this.maker = maker;
    this.executor = executor;
    this.maxAgeNanos = maxAge.toNanos();
  }

  /** Returns an answer that is at most as old as the maximal age when this is called. */
  synchronized CompletableFuture<T> get() {
    CompletableFuture<T> known = last;
    if (known != null && !known.isCompletedExceptionally() && age() < maxAgeNanos) {
      return known;
    }
    if (known == null || known.isDone()) {
      return make();
    }
    CompletableFuture<T> waiting = next;
    if (waiting == null) {
      waiting = new CompletableFuture<>();
      next = waiting;
    }
    return waiting;
  }

  private long age() {
    return System.nanoTime() - lastStart;
  }

  private synchronized CompletableFuture<T> make() {
    CompletableFuture<T> made = next == null ? new CompletableFuture<>() : next;
    next = null;
    last = made;
    lastStart = System.nanoTime();
    executor.execute(
        () -> {
          try {
            made.complete(maker.get());
          } catch (RuntimeException | Error e) {
            made.completeExceptionally(e);
          }
          makeNext();
        });
    return made;
  }

  private synchronized void makeNext() {
    if (next != null) {
      var unused = make();
    }
  }
}
