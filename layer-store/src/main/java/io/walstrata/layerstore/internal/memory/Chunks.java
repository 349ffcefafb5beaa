package io.walstrata.layerstore.internal.memory;

import java.util.Arrays;

/**
 * Grows lists of primitive arrays. An array or list in use is not changed: the grown list is a new
 * one. The first array of a list starts small and is copied until it has its full length, so that a
 * layer of a few versions is small; the others have their full length from the start and never
 * move.
 */
final class Chunks {
  private static final int GROWTH = 4;

  private Chunks() {}

  /**
   * Returns a list with room for more in {@code chunk}, which is the list's last one or the next.
   */
  static long[][] grown(long[][] list, int chunk, int firstLength, int fullLength) {
    long[][] grown = Arrays.copyOf(list, Math.max(list.length, chunk + 1));
    if (chunk == 0) {
      int length = list.length == 0 ? 0 : list[0].length;
      int longer = next(length, firstLength, fullLength);
      grown[0] = length == 0 ? new long[longer] : Arrays.copyOf(list[0], longer);
    } else {
      grown[chunk] = new long[fullLength];
    }
    return grown;
  }

  private static int next(int length, int firstLength, int fullLength) {
    return length == 0 ? firstLength : Math.min(fullLength, length * GROWTH);
  }
}
