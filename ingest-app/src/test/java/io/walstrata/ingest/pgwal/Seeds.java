package io.walstrata.ingest.pgwal;

import java.util.Random;

/** Random numbers whose seed is printed, and can be given by {@code -Dwalstrata.seed=…}. */
final class Seeds {
  private Seeds() {}

  static Random random() {
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    System.out.println("walstrata.seed=" + seed);
    return new Random(seed);
  }
}
