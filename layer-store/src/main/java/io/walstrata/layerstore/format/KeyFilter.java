package io.walstrata.layerstore.format;

import io.walstrata.layerstore.page.PageKey;
import java.nio.ByteBuffer;

/**
 * A Bloom filter over a layer's keys: says of most absent keys that they are absent, and never of a
 * present one.
 *
 * <p>With {@code w} words there are {@code m = 64 w} bits; bit {@code b} is bit {@code b mod 64} of
 * word {@code b / 64}, counted from the least significant. A key's 18 bytes are read as {@code a}
 * (bytes 0 to 7), {@code b} (8 to 15), {@code c} (16 and 17), and hashed to {@code h =
 * mix(mix(mix(a) + b) + c)}, modulo 2^64, where
 *
 * <pre>
 * mix(x): x ^= x &gt;&gt;&gt; 30; x *= 0xBF58476D1CE4E5B9;
 *         x ^= x &gt;&gt;&gt; 27; x *= 0x94D049BB133111EB;
 *         x ^= x &gt;&gt;&gt; 31
 * </pre>
 *
 * Its seven bits are {@code (((h1 + i * h2) mod 2^32) * m) >>> 32} for {@code i} from 0 to 6, with
 * {@code h1} the upper 32 bits of {@code h} and {@code h2} the lower 32 bits with the lowest set.
 */
final class KeyFilter {
  /*
   * Ten bits and seven probes per key let about one absent key in a hundred through. mix is the
   * finalizer of SplitMix64 (Steele, Lea, Flood 2014; constants by Stafford); two halves of one hash
   * serve as two hash functions (Kirsch, Mitzenmacher 2006).
   */
  static final int BITS_PER_KEY = 10;

  /** 2^31 bits: enough for 200 million keys at full strength, and weaker beyond. */
  static final int MAX_WORDS = 1 << 25;

  private static final int PROBES = 7;
  private static final long U32 = 0xFFFFFFFFL;

  private final long[] words;

  KeyFilter(long[] words) {
    this.words = words;
  }

  /** Returns an empty filter for this many keys. */
  static KeyFilter forKeys(long keys) {
    long bits = Math.multiplyExact(keys, BITS_PER_KEY);
    return new KeyFilter(new long[(int) Math.min(MAX_WORDS, (bits + 63) / 64)]);
  }

  static long hash(PageKey key) {
    long a = (long) key.kind() << 56 | key.spc() << 24 | key.db() >>> 8;
    long b = key.db() << 56 | key.rel() << 24 | (long) key.fork() << 16 | key.block() >>> 16;
    long c = key.block() & 0xFFFF;
    return mix(mix(mix(a) + b) + c);
  }

  private static long mix(long x) {
    x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
    x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
    return x ^ x >>> 31;
  }

  void add(long hash) {
    for (int probe = 0; probe < PROBES; probe++) {
      int bit = bit(hash, probe);
      words[bit >>> 6] |= 1L << bit;
    }
  }

  boolean mayContain(long hash) {
    if (words.length == 0) {
      return false;
    }
    for (int probe = 0; probe < PROBES; probe++) {
      int bit = bit(hash, probe);
      if ((words[bit >>> 6] & 1L << bit) == 0) {
        return false;
      }
    }
    return true;
  }

  private int bit(long hash, int probe) {
    long h1 = hash >>> 32;
    long h2 = (hash & U32) | 1;
    long x = (h1 + probe * h2) & U32;
    return (int) ((x * (64L * words.length)) >>> 32);
  }

  /** Returns the words as bytes, followed by their checksum. */
  byte[] encode() {
    byte[] bytes = new byte[words.length * Long.BYTES + Checksum.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().put(words);
    return Checksum.seal(bytes);
  }

  static KeyFilter decode(FileBytes bytes) {
    long[] words = new long[(bytes.length() - Checksum.BYTES) / Long.BYTES];
    ByteBuffer.wrap(bytes.array()).asLongBuffer().get(words);
    return new KeyFilter(words);
  }
}
