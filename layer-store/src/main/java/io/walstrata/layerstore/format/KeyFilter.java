package io.walstrata.layerstore.format;

import java.nio.ByteBuffer;

/**
 * A Bloom filter over a layer's keys: says of most absent keys that they are absent, and never of a
 * present one.
 *
 * <p>It consists of lines of 512 bits, each eight words; bit {@code b} of a line is bit {@code b
 * mod 64} of its word {@code b / 64}, counted from the least significant. With {@code n} lines and
 * {@code h} a key's hash (see {@link Mix}), the key's line is {@code ((h >>> 32) * n) >>> 32}, and
 * its seven bits in there are {@code (g >>> (9 i + 1)) mod 512} for {@code i} from 0 to 6, with
 * {@code g = (h mod 2^32) * 0x9E3779B97F4A7C15} modulo 2^64.
 */
final class KeyFilter {
  /*
   * All bits of a key are in one cache line: building the filter of a million keys misses the cache
   * once a key instead of seven times, for about a third more false positives (F. Putze, P. Sanders,
   * J. Singler, "Cache-, hash- and space-efficient Bloom filters", 2007). At ten bits a key about
   * one absent key in eighty is let through.
   */
  static final int BITS_PER_KEY = 10;
  static final int LINE_WORDS = 8;
  static final int LINE_BYTES = LINE_WORDS * Long.BYTES;

  /** 2^31 bits: enough for 200 million keys at full strength, and weaker beyond. */
  static final int MAX_LINES = 1 << 22;

  static final int LINE_BITS = LINE_BYTES * Byte.SIZE;
  static final int PROBES = 7;
  private static final long U32 = 0xFFFFFFFFL;

  private final long[] words;

  private KeyFilter(long[] words) {
    this.words = words;
  }

  static KeyFilter decode(FileBytes bytes) {
    long[] words = new long[(bytes.length() - Checksum.BYTES) / Long.BYTES];
    ByteBuffer.wrap(bytes.array()).asLongBuffer().get(words);
    return new KeyFilter(words);
  }

  /** Returns false if the key with this hash is surely absent. */
  boolean mayContain(long hash) {
    if (words.length == 0) {
      return false;
    }
    int line = line(hash, words);
    long bits = bits(hash);
    for (int probe = 0; probe < PROBES; probe++) {
      if ((words[line + word(bits, probe)] >>> bit(bits, probe) & 1) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns where in the words the line of a key is. */
  static int line(long hash, long[] words) {
    long lines = words.length / LINE_WORDS;
    return (int) (((hash >>> 32) * lines) >>> 32) * LINE_WORDS;
  }

  static long bits(long hash) {
    return (hash & U32) * 0x9E3779B97F4A7C15L;
  }

  /** Returns the word of the line that a probe looks at. */
  static int word(long bits, int probe) {
    return (int) (bits >>> (9 * probe + 7)) & (LINE_WORDS - 1);
  }

  /** Returns the bit of the word that a probe looks at. */
  static int bit(long bits, int probe) {
    return (int) (bits >>> (9 * probe + 1)) & (Long.SIZE - 1);
  }
}
