package io.walstrata.layerstore;

import io.walstrata.layerstore.internal.layer.LayerCache;
import io.walstrata.layerstore.internal.read.PageCache;
import java.io.Closeable;

/**
 * The resources that the stores of one process share: the memory budget, the caches of layer files
 * and of pages, and which homes were found intact. Created once, before the stores, and closed
 * after the last of them. For any thread.
 */
public final class StoreResources implements Closeable {
  /**
   * Bounds of the shared resources. Immutable; {@code withX} returns a copy.
   *
   * @param memoryBudgetBytes how much heap layers take together, 1 MiB or more; {@link
   *     Long#MAX_VALUE} for no bound
   * @param layerCacheBytes how much of it the cached indexes and filters of layer files take, 0 or
   *     more; what is not cached is read again
   * @param pageCacheBytes how much of it cached pages take that redo made, 0 or more; 0 for none
   * @param maxOpenFiles how many layer files stay open for reading, at least 1
   */
  public record Bounds(
      long memoryBudgetBytes, long layerCacheBytes, long pageCacheBytes, int maxOpenFiles) {
    /**
     * Without a bound on memory; a sixteenth of the heap for the cache of layer files, half as much
     * for that of pages, and 500 open files.
     */
    public static final Bounds DEFAULTS = of(Long.MAX_VALUE);

    /**
     * Returns the bounds with a memory budget, a quarter of which is for the cache of layer files,
     * and an eighth for that of pages.
     */
    public static Bounds of(long memoryBudgetBytes) {
      long budget = Math.min(memoryBudgetBytes, Runtime.getRuntime().maxMemory() / 4);
      return new Bounds(
          memoryBudgetBytes,
          budget / CACHE_SHARE,
          budget / PAGE_CACHE_SHARE,
          DEFAULT_MAX_OPEN_FILES);
    }

    public Bounds withLayerCacheBytes(long layerCacheBytes) {
      return new Bounds(memoryBudgetBytes, layerCacheBytes, pageCacheBytes, maxOpenFiles);
    }

    public Bounds withPageCacheBytes(long pageCacheBytes) {
      return new Bounds(memoryBudgetBytes, layerCacheBytes, pageCacheBytes, maxOpenFiles);
    }

    public Bounds withMaxOpenFiles(int maxOpenFiles) {
      return new Bounds(memoryBudgetBytes, layerCacheBytes, pageCacheBytes, maxOpenFiles);
    }
  }

  /** The default of {@link Bounds#maxOpenFiles()}. */
  public static final int DEFAULT_MAX_OPEN_FILES = 500;

  /** The part of the memory budget that layer files have by default: one in this many. */
  private static final int CACHE_SHARE = 4;

  /** The part of the memory budget that pages have by default: one in this many. */
  private static final int PAGE_CACHE_SHARE = 8;

  private final MemoryBudget memoryBudget;
  private final LayerCache layerCache;
  private final PageCache pageCache;
  private final CheckedLayers checkedLayers = new CheckedLayers();

  private StoreResources(Bounds bounds) {
    memoryBudget = new MemoryBudget(bounds.memoryBudgetBytes());
    layerCache =
        new LayerCache(bounds.layerCacheBytes(), bounds.maxOpenFiles(), memoryBudget::cache);
    pageCache = new PageCache(bounds.pageCacheBytes(), memoryBudget::cache);
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
    return new StoreResources(bounds);
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

  /** Returns which homes were found intact in this process. */
  public CheckedLayers checkedLayers() {
    return checkedLayers;
  }

  /** Releases the shared resources; called after the stores are closed. */
  @Override
  public void close() {
    layerCache.close();
    pageCache.clear();
  }
}
