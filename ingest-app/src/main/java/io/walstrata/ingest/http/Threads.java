package io.walstrata.ingest.http;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of the interface: daemons, which end when there is nothing to do. */
final class Threads {
  private static final long IDLE_SECONDS = 10;

  private Threads() {}

  static ThreadFactory named(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** A pool of so many threads, for tasks of which no more come than there are answers. */
  static ThreadPoolExecutor pool(String name, int threads) {
    return pool(name, threads, new LinkedBlockingQueue<>());
  }

  /** A pool of so many threads that refuses what does not fit its queue. */
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
