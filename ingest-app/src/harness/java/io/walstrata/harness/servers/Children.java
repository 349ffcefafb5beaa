package io.walstrata.harness.servers;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be closed before this JVM exits, last opened first, by one shutdown hook. Safe for use
 * by many threads.
 */
public final class Children {
  private static final Logger LOG = LoggerFactory.getLogger(Children.class);

  private static final Children INSTANCE = new Children();

  @GuardedBy("this")
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  @GuardedBy("this")
  private boolean hookAdded;

  private final CountDownLatch exiting = new CountDownLatch(1);

  private Children() {}

  public static Children instance() {
    return INSTANCE;
  }

  /**
   * Runs the action and remembers what it started. Once the JVM is on its way out nothing more is
   * started.
   *
   * @throws ServerException if the JVM is on its way out
   */
  public synchronized void start(AutoCloseable child, ThrowingRunnable action) throws Exception {
    if (isExiting()) {
      throw new ServerException("this program is ending: nothing more is started");
    }
    if (!hookAdded) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::closeAll, "close-children"));
      hookAdded = true;
    }
    action.run();
    open.remove(child);
    open.push(child);
  }

  /** Forgets a child that was closed. */
  public synchronized void ended(AutoCloseable child) {
    open.remove(child);
  }

  /** Returns whether the JVM is on its way out. */
  public boolean isExiting() {
    return exiting.getCount() == 0;
  }

  /**
   * Returns whether the JVM is on its way out, or starts on it within the time. For a failure that
   * may be the signal's doing: a terminal sends Ctrl-C to the children too, and they may be faster.
   */
  public boolean isExitingWithin(Duration time) throws InterruptedException {
    return exiting.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void closeAll() {
    exiting.countDown();
    List<AutoCloseable> children;
    synchronized (this) {
      children = new ArrayList<>(open);
    }
    for (AutoCloseable child : children) {
      try {
        child.close();
      } catch (Exception e) {
        LOG.warn("could not stop {} on the way out", child, e);
      }
    }
  }
}
