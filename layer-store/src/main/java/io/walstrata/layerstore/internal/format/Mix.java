package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.page.PageKey;

/**
 * The one hash function of the format, for 64 bits and for keys:
 *
 * <pre>
 * mix(x): x ^= x &gt;&gt;&gt; 30; x *= 0xBF58476D1CE4E5B9;
 *         x ^= x &gt;&gt;&gt; 27; x *= 0x94D049BB133111EB;
 *         x ^= x &gt;&gt;&gt; 31
 * </pre>
 *
 * <p>A key's 18 bytes are read as {@code a} (bytes 0 to 7), {@code b} (8 to 15), {@code c} (16 and
 * 17), and its hash is {@code mix(mix(mix(a) + b) + c)}, modulo 2^64.
 */
final class Mix {
  // The finalizer of SplitMix64 (Steele, Lea, Flood 2014), constants by Stafford.

  private Mix() {}

  static long mix(long x) {
    x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
    x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
    return x ^ x >>> 31;
  }

  static long hash(PageKey key) {
    long a = (long) key.kind() << 56 | key.spc() << 24 | key.db() >>> 8;
    long b = key.db() << 56 | key.rel() << 24 | (long) key.fork() << 16 | key.block() >>> 16;
    long c = key.block() & 0xFFFF;
    return mix(mix(mix(a) + b) + c);
  }
}
