package io.walstrata.layerstore;

import io.walstrata.layerstore.internal.layer.LayerCache;
import java.io.Closeable;

/**
 * The resources that the stores of one process share: the memory budget, the cache of layer files,
 * and which homes were found intact. Created once, before the stores, and closed after the last of
 * them. For any thread.
 */
public final class StoreResources implements Closeable {
  /**
   * Bounds of the shared resources. Immutable; {@code withX} returns a copy.
   *
   * @param memoryBudgetBytes how much heap layers take together, 1 MiB or more; {@link
   *     Long#MAX_VALUE} for no bound
   * @param layerCacheBytes how much of it the cached indexes and filters of layer files take, 0 or
   *     more; what is not cached is read again
   * @param maxOpenFiles how many layer files stay open for reading, at least 1
   */
  public record Bounds(long memoryBudgetBytes, long layerCacheBytes, int maxOpenFiles) {
    /** Without a bound on memory; a sixteenth of the heap for the cache, and 500 open files. */
    public static final Bounds DEFAULTS = of(Long.MAX_VALUE);

    /** Returns the bounds with a memory budget, a quarter of which is for the cache. */
    public static Bounds of(long memoryBudgetBytes) {
      long budget = Math.min(memoryBudgetBytes, Runtime.getRuntime().maxMemory() / 4);
      return new Bounds(memoryBudgetBytes, budget / CACHE_SHARE, DEFAULT_MAX_OPEN_FILES);
    }

    public Bounds withLayerCacheBytes(long layerCacheBytes) {
      return new Bounds(memoryBudgetBytes, layerCacheBytes, maxOpenFiles);
    }

    public Bounds withMaxOpenFiles(int maxOpenFiles) {
      return new Bounds(memoryBudgetBytes, layerCacheBytes, maxOpenFiles);
    }
  }

  /** The default of {@link Bounds#maxOpenFiles()}. */
  public static final int DEFAULT_MAX_OPEN_FILES = 500;

  /** The part of the memory budget that the cache has by default: one in this many. */
  private static final int CACHE_SHARE = 4;

  private final MemoryBudget memoryBudget;
  private final LayerCache layerCache;
  private final CheckedLayers checkedLayers = new CheckedLayers();

  private StoreResources(Bounds bounds) {
    memoryBudget = new MemoryBudget(bounds.memoryBudgetBytes());
    layerCache =
        new LayerCache(bounds.layerCacheBytes(), bounds.maxOpenFiles(), memoryBudget::cache);
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

  /** Returns which homes were found intact in this process. */
  public CheckedLayers checkedLayers() {
    return checkedLayers;
  }

  /** Releases the shared resources; called after the stores are closed. */
  @Override
  public void close() {
    layerCache.close();
  }
}
