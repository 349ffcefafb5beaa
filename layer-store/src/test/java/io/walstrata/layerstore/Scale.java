package io.walstrata.layerstore;

/**
 * How large the tests of large stores are: small in every build, and at the bounds that are
 * promised with {@code -Dwalstrata.bounds=large}, which takes minutes and 10 GiB of disk.
 */
public final class Scale {
  private static final boolean IS_LARGE = "large".equals(System.getProperty("walstrata.bounds"));

  private Scale() {}

  /** Returns one of the two numbers, and says which. */
  public static int of(String what, int small, int large) {
    System.out.println(
        IS_LARGE
            ? "at full size: " + what + "=" + large
            : "SMALL VERSION: " + what + "=" + small + ", with -Dwalstrata.bounds=large " + large);
    return IS_LARGE ? large : small;
  }

  /** Returns the bytes of the heap that are in use after a garbage collection. */
  public static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }
}
