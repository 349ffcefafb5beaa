package io.walstrata.layerstore.internal.file;

import java.io.Closeable;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;

/** Holds the clock, threads and buffers for writing that stores share. For any thread. */
public final class WriteResources implements Closeable {
  /*
   * Ephemeral files keep their buffers until their values are flushed; layer files have buffers of
   * their own, because a flush must not depend on those.
   */
  private static final int LAYERS_SHARE = 5;

  private final LongSupplier nanoClock;
  private final ThreadFactory threads;
  private final BackgroundWrites background;
  private final WriteBuffers layerBuffers;
  private final WriteBuffers valueBuffers;

  /**
   * @param nanoClock as {@link System#nanoTime}
   * @param threads makes all threads that write
   * @param directBytes bound of the memory outside the heap that all buffers take together
   */
  public WriteResources(LongSupplier nanoClock, ThreadFactory threads, long directBytes) {
    this.nanoClock = nanoClock;
    this.threads = threads;
    background = new BackgroundWrites(threads);
    layerBuffers = new WriteBuffers(directBytes / LAYERS_SHARE);
    valueBuffers = new WriteBuffers(directBytes - directBytes / LAYERS_SHARE);
  }

  /** Returns the clock, as {@link System#nanoTime}. */
  public LongSupplier nanoClock() {
    return nanoClock;
  }

  /** Returns a thread that is not started, and that does not keep the process from ending. */
  public Thread newThread(String name, Runnable task) {
    return newThread(threads, name, task);
  }

  static Thread newThread(ThreadFactory threads, String name, Runnable task) {
    Thread thread = threads.newThread(task);
    thread.setName(name);
    thread.setDaemon(true);
    return thread;
  }

  public BackgroundWrites background() {
    return background;
  }

  /** Returns the buffers of layer files. */
  public WriteBuffers layerBuffers() {
    return layerBuffers;
  }

  /** Returns the buffers of ephemeral files. */
  public WriteBuffers valueBuffers() {
    return valueBuffers;
  }

  /**
   * Ends the threads and releases the buffers that are not in use. What is still being written is
   * completed, and what is written afterwards is written by the calling thread.
   */
  @Override
  public void close() {
    background.close();
    layerBuffers.close();
    valueBuffers.close();
  }
}
