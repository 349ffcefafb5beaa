package io.walstrata.layerstore.testkit;

import java.util.stream.LongStream;

/** Seeds of random tests: {@code -Dwalstrata.seed=N} replays one. */
public final class Seeds {
  private static final String PROPERTY = "walstrata.seed";

  private Seeds() {}

  /**
   * Returns the seed that was asked for, or else half fixed ones and half new ones. A test prints
   * the seed with whatever fails.
   */
  public static LongStream seeds(int count) {
    Long asked = Long.getLong(PROPERTY);
    if (asked != null) {
      return LongStream.of(asked);
    }
    int fixed = (count + 1) / 2;
    return LongStream.concat(
        LongStream.range(0, fixed), new java.util.Random().longs(count - fixed, 1000, 1L << 40));
  }

  /** Returns how a message names a seed. */
  public static String replay(long seed) {
    return "replay with -D" + PROPERTY + "=" + seed;
  }
}
