package io.walstrata.layerstore.internal.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Runs writes and syncs in background threads while the caller continues. For any thread. */
public final class BackgroundWrites {
  /*
   * There are as many threads for writes as processors, and as many for syncs, which occupy a
   * thread for as long as the disk takes. If all threads for writes are busy, the caller writes
   * itself; if all for syncs are, the sync is skipped, as the file is synced at its end anyway.
   * Idle threads end, and none keeps the process from ending.
   */
  private static final int IDLE_SECONDS = 10;
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final Executor WRITES = threads(new ThreadPoolExecutor.CallerRunsPolicy());
  private static final Executor SYNCS = threads(new ThreadPoolExecutor.AbortPolicy());

  private BackgroundWrites() {}

  private static Executor threads(RejectedExecutionHandler whenAllAreAtWork) {
    return new ThreadPoolExecutor(
        0,
        Runtime.getRuntime().availableProcessors(),
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        BackgroundWrites::thread,
        whenAllAreAtWork);
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "walstrata-background-write-" + NUMBER.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  /** A write or a sync. */
  @FunctionalInterface
  public interface Write {
    void run() throws IOException;
  }

  /** Starts a write and returns its future; if no thread is free, the calling thread runs it. */
  public static CompletableFuture<Void> start(Write write) {
    try {
      return CompletableFuture.runAsync(() -> run(write), WRITES);
    } catch (OutOfMemoryError e) {
      return CompletableFuture.runAsync(() -> run(write), Runnable::run);
    }
  }

  /** Starts a sync and returns its future; null if no thread is free. */
  public static @Nullable CompletableFuture<Void> startSync(Write sync) {
    try {
      return CompletableFuture.runAsync(() -> run(sync), SYNCS);
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      return null;
    }
  }

  private static void run(Write write) {
    try {
      write.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits until a write has ended, and returns whether it succeeded. Interrupts do not end this.
   */
  public static boolean succeeded(CompletableFuture<Void> write) {
    try {
      await(write);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Waits until a write has ended, and throws what it threw. Interrupts do not end this. */
  public static void await(CompletableFuture<Void> write) throws IOException {
    try {
      write.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failed) {
        throw failed.getCause();
      }
      throw new IOException("a background write has failed: " + e.getCause(), e);
    }
  }
}
