package io.walstrata.ingest.start;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A part of the start in a thread of its own, at the same time as the others. */
public final class StartTask<T> implements Closeable {
  private final FutureTask<T> task;

  private StartTask(FutureTask<T> task) {
    this.task = task;
  }

  /**
   * Begins.
   *
   * @param name of the thread
   */
  public static <T> StartTask<T> begin(String name, Callable<T> work) {
    StartTask<T> begun = new StartTask<>(new FutureTask<>(work));
    Thread thread = new Thread(begun.task, name);
    thread.setDaemon(true);
    thread.start();
    return begun;
  }

  /**
   * Waits for the result.
   *
   * @throws StartupException if the work threw it
   * @throws IOException if the work threw it
   */
  public T await() throws StartupException, IOException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof StartupException refused) {
        throw refused;
      }
      if (cause instanceof IOException failed) {
        throw failed;
      }
      if (cause instanceof RuntimeException fault) {
        throw fault;
      }
      throw new IllegalStateException("a part of the start failed", cause);
    }
  }

  /** Interrupts the work if it has not ended. */
  @Override
  public void close() {
    task.cancel(/* mayInterruptIfRunning= */ true);
  }
}
