package io.walstrata.layerstore;

import io.walstrata.layerstore.internal.file.WriteResources;
import io.walstrata.layerstore.internal.layer.LayerCache;
import io.walstrata.layerstore.internal.read.PageCache;
import java.io.Closeable;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;

/**
 * The resources that the stores of one process share: the memory budget, the caches of layer files
 * and of pages, threads and buffers for writing, the clock, and which homes were found intact.
 * Created once, before the stores, and closed after the last of them. For any thread.
 */
public final class StoreResources implements Closeable {
  /**
   * Bounds of the shared resources. Immutable; {@code withX} returns a copy.
   *
   * @param memoryBudgetBytes how much heap layers take together, 1 MiB or more; {@link
   *     Long#MAX_VALUE} for no bound
   * @param layerCacheBytes how much of it the cached indexes and filters of layer files take, 0 or
   *     more; what is not cached is read again
   * @param pageCacheBytes how much of it cached pages take that redo made, 0 or more; 0 for none.
   *     Both caches together take at most half of the memory budget
   * @param maxOpenFiles how many layer files stay open for reading, at least 1
   * @param directBufferBytes how much memory outside the heap the write buffers of all stores take
   *     together, 0 or more; a fifth of it is for layer files, the rest for ephemeral files, where
   *     it counts in the memory budget. When it is taken, or with {@code -XX:MaxDirectMemorySize}
   *     exhausted, further buffers are on the heap. The JVM's bound on direct memory must leave
   *     room for it, or writing is slower
   */
  public record Bounds(
      long memoryBudgetBytes,
      long layerCacheBytes,
      long pageCacheBytes,
      int maxOpenFiles,
      long directBufferBytes) {
    /**
     * Without a bound on memory; a sixteenth of the heap for the cache of layer files, half as much
     * for that of pages, 500 open files, and a thirty-second of the heap, but no more than 80 MiB,
     * for direct buffers.
     */
    public static final Bounds DEFAULTS = of(Long.MAX_VALUE);

    /**
     * Returns the bounds with a memory budget: a quarter of it is for the cache of layer files, an
     * eighth for that of pages, and an eighth, but no more than 80 MiB, for direct buffers. If a
     * quarter of the heap is less than the budget, these are parts of that.
     */
    public static Bounds of(long memoryBudgetBytes) {
      long budget = Math.min(memoryBudgetBytes, Runtime.getRuntime().maxMemory() / 4);
      return new Bounds(
          memoryBudgetBytes,
          budget / CACHE_SHARE,
          budget / PAGE_CACHE_SHARE,
          DEFAULT_MAX_OPEN_FILES,
          Math.min(MAX_DIRECT_BYTES, budget / DIRECT_SHARE));
    }

    public Bounds withLayerCacheBytes(long layerCacheBytes) {
      return new Bounds(
          memoryBudgetBytes, layerCacheBytes, pageCacheBytes, maxOpenFiles, directBufferBytes);
    }

    public Bounds withPageCacheBytes(long pageCacheBytes) {
      return new Bounds(
          memoryBudgetBytes, layerCacheBytes, pageCacheBytes, maxOpenFiles, directBufferBytes);
    }

    public Bounds withMaxOpenFiles(int maxOpenFiles) {
      return new Bounds(
          memoryBudgetBytes, layerCacheBytes, pageCacheBytes, maxOpenFiles, directBufferBytes);
    }

    public Bounds withDirectBufferBytes(long directBufferBytes) {
      return new Bounds(
          memoryBudgetBytes, layerCacheBytes, pageCacheBytes, maxOpenFiles, directBufferBytes);
    }

    /** Checks all bounds together, as each may be set after the other. */
    private void check() {
      // The sum of the caches may be more than a long holds.
      if (layerCacheBytes < 0
          || pageCacheBytes < 0
          || pageCacheBytes > memoryBudgetBytes / 2 - layerCacheBytes) {
        throw new IllegalArgumentException(
            "layerCacheBytes and pageCacheBytes must be at least 0, and together at most half of"
                + " memoryBudgetBytes: layerCacheBytes="
                + layerCacheBytes
                + ", pageCacheBytes="
                + pageCacheBytes
                + ", memoryBudgetBytes="
                + memoryBudgetBytes);
      }
      if (maxOpenFiles < 1) {
        throw new IllegalArgumentException(
            "maxOpenFiles must be at least 1: maxOpenFiles=" + maxOpenFiles);
      }
      if (directBufferBytes < 0) {
        throw new IllegalArgumentException(
            "directBufferBytes must be at least 0: directBufferBytes=" + directBufferBytes);
      }
    }
  }

  /** The default of {@link Bounds#maxOpenFiles()}. */
  public static final int DEFAULT_MAX_OPEN_FILES = 500;

  /** The part of the memory budget that layer files have by default: one in this many. */
  private static final int CACHE_SHARE = 4;

  /** The part of it that pages have by default: one in this many. */
  private static final int PAGE_CACHE_SHARE = 8;

  /** The part of it that direct buffers have by default, one in this many, and their bound. */
  private static final int DIRECT_SHARE = 8;

  private static final long MAX_DIRECT_BYTES = 80 << 20;

  private final MemoryBudget memoryBudget;
  private final LayerCache layerCache;
  private final PageCache pageCache;
  private final WriteResources writing;
  private final CheckedLayers checkedLayers = new CheckedLayers();

  private StoreResources(Bounds bounds, LongSupplier nanoClock, ThreadFactory threads) {
    bounds.check();
    memoryBudget = new MemoryBudget(bounds.memoryBudgetBytes(), nanoClock);
    layerCache =
        new LayerCache(bounds.layerCacheBytes(), bounds.maxOpenFiles(), memoryBudget::cache);
    pageCache = new PageCache(bounds.pageCacheBytes(), memoryBudget::cache);
    writing = new WriteResources(nanoClock, threads, bounds.directBufferBytes());
  }

  /** Returns resources with {@link Bounds#DEFAULTS}. */
  public static StoreResources create() {
    return create(Bounds.DEFAULTS);
  }

  /**
   * Returns resources with these bounds.
   *
   * @throws IllegalArgumentException if a bound is out of its range
   */
  public static StoreResources create(Bounds bounds) {
    return create(bounds, System::nanoTime, Thread::new);
  }

  /**
   * Returns resources with these bounds, and a clock and threads of the caller, for instance those
   * of a simulation.
   *
   * @param nanoClock as {@link System#nanoTime}; measures, and decides when a retry is due
   * @param threads makes the threads that flush, write and sync; they get names, and do not keep
   *     the process from ending
   * @throws IllegalArgumentException if a bound is out of its range
   */
  public static StoreResources create(
      Bounds bounds, LongSupplier nanoClock, ThreadFactory threads) {
    return new StoreResources(bounds, nanoClock, threads);
  }

  /** Returns the heap that the stores take, and its bound. */
  public MemoryBudget memoryBudget() {
    return memoryBudget;
  }

  LayerCache layerCache() {
    return layerCache;
  }

  PageCache pageCache() {
    return pageCache;
  }

  WriteResources writing() {
    return writing;
  }

  /** Returns the clock of the stores, as {@link System#nanoTime}. */
  public LongSupplier nanoClock() {
    return writing.nanoClock();
  }

  /** Returns which homes were found intact in this process. */
  public CheckedLayers checkedLayers() {
    return checkedLayers;
  }

  /**
   * Ends the threads and releases files and buffers; called after the stores are closed. Threads
   * complete what they are writing.
   */
  @Override
  public void close() {
    layerCache.close();
    pageCache.clear();
    writing.close();
  }
}
