package io.walstrata.postgres.wal;

import java.util.Random;

/** Random numbers whose seed is printed, and can be given by {@code -Dwalstrata.seed=…}. */
public final class Seeds {
  private Seeds() {}

  public static Random random() {
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    System.out.println("walstrata.seed=" + seed);
    return new Random(seed);
  }
}
