package io.walstrata.ingest.http;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes thread pools whose threads are daemons with a name; those of {@link #pool} end when idle.
 */
public final class Threads {
  private static final long IDLE_SECONDS = 10;

  private Threads() {}

  private static ThreadFactory named(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Returns a scheduler that forgets a task when it is cancelled. */
  public static ScheduledThreadPoolExecutor scheduler(String name, int threads) {
    ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(threads, named(name));
    scheduler.setRemoveOnCancelPolicy(true);
    return scheduler;
  }

  /** Returns a pool with an unbounded queue, for tasks whose number is bounded otherwise. */
  static ThreadPoolExecutor pool(String name, int threads) {
    return pool(name, threads, new LinkedBlockingQueue<>());
  }

  /** Returns a pool that refuses tasks when its queue is full. */
  static ThreadPoolExecutor pool(String name, int threads, int queue) {
    return pool(name, threads, new ArrayBlockingQueue<>(queue));
  }

  private static ThreadPoolExecutor pool(String name, int threads, BlockingQueue<Runnable> queue) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, queue, named(name));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
