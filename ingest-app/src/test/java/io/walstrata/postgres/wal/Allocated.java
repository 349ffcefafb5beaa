package io.walstrata.postgres.wal;

import com.sun.management.ThreadMXBean;
import io.walstrata.harness.servers.ThrowingRunnable;
import java.lang.management.ManagementFactory;

/** Counts what this thread allocates. */
public final class Allocated {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocated() {}

  /** Returns how many bytes the work allocates. */
  public static long bytes(ThrowingRunnable work) throws Exception {
    long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    work.run();
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
  }
}
