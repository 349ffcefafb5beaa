package io.walstrata.layerstore.testkit.faultfs;

import java.util.Random;

/** Chooses what a power loss leaves of changes that were never made durable. */
public final class Survival {
  /** One choice for changes that follow each other. */
  enum Mode {
    NOTHING,
    EVERYTHING,
    /** The first ones, as if written in order. */
    PREFIX,
    /** Each on its own, as if written in any order. */
    EACH
  }

  private final Mode mode;
  private final Random random;
  private final boolean isRandom;

  private Survival(Mode mode, long seed, boolean isRandom) {
    this.mode = mode;
    this.random = new Random(seed);
    this.isRandom = isRandom;
  }

  /** Only what was made durable is left. */
  public static Survival nothing() {
    return new Survival(Mode.NOTHING, 0, false);
  }

  /** All is left, as when a process is killed and the machine runs on. */
  public static Survival everything() {
    return new Survival(Mode.EVERYTHING, 0, false);
  }

  /** Something in between, the same for the same seed and the same history. */
  public static Survival random(long seed) {
    return new Survival(Mode.NOTHING, seed, true);
  }

  Mode mode() {
    return isRandom ? Mode.values()[random.nextInt(Mode.values().length)] : mode;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean flip() {
    return random.nextBoolean();
  }
}
