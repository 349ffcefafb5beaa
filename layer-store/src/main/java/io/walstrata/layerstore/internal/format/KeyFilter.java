package io.walstrata.layerstore.internal.format;

import java.nio.ByteBuffer;

/**
 * A Bloom filter over a layer's keys: reports most absent keys as absent, and never a present one.
 *
 * <p>It consists of lines of eight words. With {@code n} lines and {@code h} a key's hash (see
 * {@link Mix}), the key's line is {@code ((h >>> 32) * n) >>> 32}, and it has one bit in each word
 * there: in word {@code i}, from 0 to 7, the bit {@code (g >>> (6 i + 16)) mod 64}, counted from
 * the least significant, with {@code g = (h mod 2^32) * 0x9E3779B97F4A7C15} modulo 2^64.
 */
final class KeyFilter {
  /*
   * All bits of a key are in one cache line: building the filter of a million keys misses the cache
   * once a key instead of eight times (F. Putze, P. Sanders, J. Singler, "Cache-, hash- and
   * space-efficient Bloom filters", 2007). One bit in each word, and not anywhere in the line: no
   * bit waits for the one before it to be stored, which takes a third of the time and has hardly
   * more false positives. At ten bits a key, these are about one absent key in ninety-five.
   */
  static final int BITS_PER_KEY = 10;
  static final int LINE_WORDS = 8;
  static final int LINE_BYTES = LINE_WORDS * Long.BYTES;

  /** 2^31 bits: ten bits each for 200 million keys, fewer for more keys. */
  static final int MAX_LINES = 1 << 22;

  static final int LINE_BITS = LINE_BYTES * Byte.SIZE;
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

  long heapBytes() {
    return (long) Long.BYTES * words.length;
  }

  /** Returns false if the key with this hash is certainly absent. */
  boolean mayContain(long hash) {
    if (words.length == 0) {
      return false;
    }
    int line = line(hash, words);
    long bits = bits(hash);
    for (int word = 0; word < LINE_WORDS; word++) {
      if ((words[line + word] & bit(bits, word)) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the index of the first word of a key's line. */
  static int line(long hash, long[] words) {
    long lines = words.length / LINE_WORDS;
    return (int) (((hash >>> 32) * lines) >>> 32) * LINE_WORDS;
  }

  static long bits(long hash) {
    return (hash & U32) * 0x9E3779B97F4A7C15L;
  }

  /** Returns the key's bit in a word of the line. */
  static long bit(long bits, int word) {
    return 1L << (bits >>> (6 * word + 16));
  }
}
