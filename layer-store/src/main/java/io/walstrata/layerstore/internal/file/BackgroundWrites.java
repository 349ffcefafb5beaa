package io.walstrata.layerstore.internal.file;

import io.walstrata.layerstore.internal.IoRunnable;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Runs writes and syncs in background threads while the caller continues. For any thread. */
public final class BackgroundWrites implements Closeable {
  /*
   * There are as many threads for writes as processors, and as many for syncs, which occupy a
   * thread for as long as the disk takes. If all threads for writes are busy, the caller writes
   * itself; if all for syncs are, the sync is skipped, as the file is synced at its end anyway.
   * Idle threads end.
   */
  private static final int IDLE_SECONDS = 10;

  private final ThreadFactory factory;
  private final AtomicInteger number = new AtomicInteger();
  private final ThreadPoolExecutor writes = threads();
  private final ThreadPoolExecutor syncs = threads();

  /**
   * @param threads makes the threads, which get names here
   */
  public BackgroundWrites(ThreadFactory threads) {
    factory = threads;
  }

  private ThreadPoolExecutor threads() {
    return new ThreadPoolExecutor(
        0,
        Runtime.getRuntime().availableProcessors(),
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        this::thread);
  }

  private Thread thread(Runnable task) {
    return WriteResources.newThread(
        factory, "walstrata-background-write-" + number.incrementAndGet(), task);
  }

  /** Starts a write and returns its future; if no thread is free, the calling thread runs it. */
  public CompletableFuture<Void> start(IoRunnable write) {
    CompletableFuture<Void> started = tryStart(writes, write);
    return started != null ? started : CompletableFuture.runAsync(() -> run(write), Runnable::run);
  }

  /** Returns the threads for syncs, which reject a sync if none is free. */
  public Executor syncs() {
    return syncs;
  }

  /** Starts a write and returns its future; null if {@code threads} reject it. */
  public static @Nullable CompletableFuture<Void> tryStart(Executor threads, IoRunnable write) {
    try {
      return CompletableFuture.runAsync(() -> run(write), threads);
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      return null;
    }
  }

  private static void run(IoRunnable write) {
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

  /** Ends the threads when they have completed what was started; the next write finds none. */
  @Override
  public void close() {
    writes.shutdown();
    syncs.shutdown();
  }
}
