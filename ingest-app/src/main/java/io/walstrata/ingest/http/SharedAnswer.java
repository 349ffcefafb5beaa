package io.walstrata.ingest.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that many ask for and that is made for all of them at once: one making at a time,
 * however many ask, in a thread of its own. Thread-safe.
 */
final class SharedAnswer<T> {
  private final Supplier<T> maker;
  private final Executor executor;
  private final long maxAgeNanos;
  private @Nullable CompletableFuture<T> last; // guarded by this
  private long lastStart; // guarded by this
  private @Nullable CompletableFuture<T> next; // waits for the last one; guarded by this

  /**
   * @param maxAge for how long what was made is good enough; zero for a new one each time
   */
  SharedAnswer(Supplier<T> maker, Executor executor, Duration maxAge) {
    this.maker = maker;
    this.executor = executor;
    this.maxAgeNanos = maxAge.toNanos();
  }

  /** Returns what is no older than the maximal age when this is called. */
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
