package io.walstrata.layerstore.internal.memory;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Holds the totals that each put into a layer in memory updates. One thread sets them, any may
 * read.
 */
public final class LayerTotals {
  /*
   * They are in cache lines of their own. In a line with what readers read often, each put would
   * evict that from the readers' caches, and each read evict these from the writer's.
   *
   * Set with release: a volatile write would slow each put.
   */
  public static final int KEYS = 0;
  public static final int FIRST_KEY = 1; // number of the lowest key
  public static final int LAST_KEY = 2; // and of the highest
  public static final int ASCENDING_KEYS = 3; // how many of the first keys ascend
  public static final int VERSIONS = 4;
  public static final int VALUE_BYTES = 5;
  public static final int MAX_LSN = 6;
  public static final int LAST_OFFSET = 7;

  private static final int LINE = 8; // longs
  private static final int START = LINE;
  private static final int LENGTH = START + 8 + LINE;

  private final AtomicLongArray longs = new AtomicLongArray(LENGTH);

  /**
   * Returns a number; all that the writer changed before it set that number is visible afterwards.
   */
  public long get(int number) {
    return longs.getAcquire(START + number);
  }

  /** Returns a number. For the writer. */
  public long own(int number) {
    return longs.getPlain(START + number);
  }

  /** Sets a number. For the writer. */
  public void set(int number, long value) {
    longs.setRelease(START + number, value);
  }
}
