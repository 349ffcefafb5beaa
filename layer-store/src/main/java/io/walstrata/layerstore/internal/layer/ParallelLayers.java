package io.walstrata.layerstore.internal.layer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs an operation on each of very many files, several at a time: most of the time is spent
 * waiting for a disk, which serves many requests in the time of one.
 */
public final class ParallelLayers {
  private static final int THREADS = 16;

  /** Files for each thread; with fewer than twice as many, the caller's thread does the work. */
  private static final int FILES_PER_THREAD = 64;

  private ParallelLayers() {}

  /** Called by several threads at once, each with different numbers. */
  public interface Work {
    void run(int number) throws IOException;
  }

  /**
   * Does the work for each number from 0 on, in any order, and returns when all of it is done or
   * any has failed.
   *
   * @throws IOException or another exception that the work threw for the lowest number that failed
   */
  public static void forEach(int count, Work work) throws IOException {
    int threads = Math.min(THREADS, count / FILES_PER_THREAD);
    if (threads <= 1) {
      for (int number = 0; number < count; number++) {
        work.run(number);
      }
      return;
    }
    Map<Integer, Exception> failures = Collections.synchronizedMap(new TreeMap<>());
    AtomicInteger next = new AtomicInteger();
    Callable<Boolean> worker =
        () -> {
          // Numbers are taken in order, so all below the first failure are taken by then.
          for (int number = next.getAndIncrement();
              number < count && failures.isEmpty();
              number = next.getAndIncrement()) {
            try {
              work.run(number);
            } catch (IOException | RuntimeException e) {
              failures.put(number, e);
            }
          }
          return true;
        };
    runAll(Collections.nCopies(threads, worker));
    if (!failures.isEmpty()) {
      Exception first = new ArrayList<>(failures.values()).get(0);
      if (first instanceof IOException e) {
        throw e;
      }
      throw (RuntimeException) first;
    }
  }

  private static void runAll(List<Callable<Boolean>> workers) throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            workers.size(),
            task -> {
              Thread thread = new Thread(task, "layer-files");
              thread.setDaemon(true);
              return thread;
            });
    try {
      for (Future<Boolean> worker : threads.invokeAll(workers)) {
        worker.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while layers are checked");
      interrupted.initCause(e);
      throw interrupted;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause()); // an Error: exceptions are kept by number
    } finally {
      threads.shutdownNow();
    }
  }
}
