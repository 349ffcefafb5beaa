package io.walstrata.harness.bench;

/** Which keys the versions of a workload have: block numbers of one big relation. */
public enum KeyLayout {
  /** Each key once, in order. */
  SEQUENTIAL("Sequential") {
    @Override
    int block(int number) {
      return number;
    }
  },
  /** Each key once, in no order. */
  RANDOM("Random") {
    @Override
    int block(int number) {
      return mix(number);
    }
  },
  /** 1024 keys over and over, in no order. */
  RANDOM_REUSE("RandomReuse(0x3ff)") {
    @Override
    int block(int number) {
      return mix(number) & REUSED_BLOCKS - 1;
    }
  };

  /** How many keys {@link #RANDOM_REUSE} has. */
  static final int REUSED_BLOCKS = 1024;

  private final String label;

  KeyLayout(String label) {
    this.label = label;
  }

  /** Returns the name in tables. */
  String label() {
    return label;
  }

  /**
   * @throws IllegalArgumentException if there is none
   */
  static KeyLayout labelled(String label) {
    for (KeyLayout layout : values()) {
      if (layout.label.equals(label)) {
        return layout;
      }
    }
    throw new IllegalArgumentException("no such key layout: label=" + label);
  }

  /** Returns the block number of the version with this number, unsigned. */
  abstract int block(int number);

  /** The 32-bit finaliser of MurmurHash3 (Appleby): one to one, so that keys do not repeat. */
  private static int mix(int number) {
    int hash = (number ^ (number >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    return hash ^ (hash >>> 16);
  }
}
