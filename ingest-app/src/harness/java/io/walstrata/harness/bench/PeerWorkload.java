package io.walstrata.harness.bench;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** The versions that every store is given, numbered from 0 in the order of their LSNs. */
final class PeerWorkload {
  /** How versions are spread over keys. */
  enum Kind {
    /** 64 keys with many versions each. */
    HOT,
    /** As many keys that each has about 4 versions. */
    SPREAD
  }

  private static final int HOT_KEYS = 64;
  private static final int VERSIONS_PER_SPREAD_KEY = 4;
  private static final int LSN_BYTES = 8;
  private static final long FIRST_LSN = 1000;

  private final int valueBytes;
  private final int versions;
  private final int keys;
  private final byte[] filling;

  /**
   * @param valueBytes size of each value; at least 8
   * @param volumeMib how many MiB of values
   */
  PeerWorkload(Kind kind, int valueBytes, int volumeMib) {
    this.valueBytes = valueBytes;
    versions = Math.toIntExact(((long) volumeMib << 20) / valueBytes);
    keys = kind == Kind.HOT ? HOT_KEYS : versions / VERSIONS_PER_SPREAD_KEY;
    filling = new byte[valueBytes];
    // Nothing that any file system could make smaller.
    new SplittableRandom(valueBytes).nextBytes(filling);
  }

  int versions() {
    return versions;
  }

  /** Returns how many bytes a version counts as ingested: key, LSN and value. */
  int ingestedBytes() {
    return PageKey.BYTES + LSN_BYTES + valueBytes;
  }

  private int block(int number) {
    return Integer.remainderUnsigned(KeyLayout.RANDOM.block(number), keys);
  }

  PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, block(number));
  }

  Lsn lsn(int number) {
    return Lsn.of(FIRST_LSN + (number + 1L) * valueBytes);
  }

  /** Returns a new value, with the version's number in its first bytes. */
  byte[] value(int number) {
    byte[] value = filling.clone();
    ByteBuffer.wrap(value).putLong(0, number);
    return value;
  }

  /** Returns whether the value is that of the version with this number. */
  boolean isValue(byte[] value, int number) {
    return value.length == valueBytes && ByteBuffer.wrap(value).getLong(0) == number;
  }

  /** Returns what a value is, for messages. */
  static String describe(byte[] value) {
    return value.length < Long.BYTES
        ? value.length + " bytes"
        : "number " + ByteBuffer.wrap(value).getLong(0) + " in " + value.length + " bytes";
  }

  /**
   * Returns for each version the newest one of the same key.
   *
   * @param count how many versions there are, the first ones
   */
  int[] newest(int count) {
    int[] byBlock = new int[keys];
    for (int number = 0; number < count; number++) {
      byBlock[block(number)] = number;
    }
    int[] newest = new int[count];
    for (int number = 0; number < count; number++) {
      newest[number] = byBlock[block(number)];
    }
    return newest;
  }
}
