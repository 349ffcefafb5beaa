package io.walstrata.layerstore.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that write while others go on. For any thread. */
final class WriteBehind {
  /*
   * As many as there are processors; whoever finds all of them at work writes itself. They end when
   * nothing was written for a while, and do not keep a process from ending.
   */
  private static final int IDLE_SECONDS = 10;
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final Executor THREADS =
      new ThreadPoolExecutor(
          0,
          Runtime.getRuntime().availableProcessors(),
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          WriteBehind::thread,
          new ThreadPoolExecutor.CallerRunsPolicy());

  private WriteBehind() {}

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "walstrata-write-behind-" + NUMBER.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  /** Something that writes. */
  @FunctionalInterface
  interface Write {
    void run() throws IOException;
  }

  /** Starts a write; without a thread to be had it fails. */
  static CompletableFuture<Void> start(Write write) {
    try {
      return CompletableFuture.runAsync(
          () -> {
            try {
              write.run();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          },
          THREADS);
    } catch (OutOfMemoryError e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Waits until a write has ended, and returns whether it succeeded. Interrupts do not end this.
   */
  static boolean succeeded(CompletableFuture<Void> write) {
    try {
      write.join();
      return true;
    } catch (CompletionException e) {
      return false;
    }
  }

  /**
   * Waits until a write has ended, and throws what it threw; a lack of memory or threads counts for
   * nothing, since then it did not begin. Interrupts do not end this.
   */
  static void await(CompletableFuture<Void> write) throws IOException {
    try {
      write.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failed) {
        throw failed.getCause();
      }
      if (!(e.getCause() instanceof OutOfMemoryError)) {
        throw e;
      }
    }
  }
}
