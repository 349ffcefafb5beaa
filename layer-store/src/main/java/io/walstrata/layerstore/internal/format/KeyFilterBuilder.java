package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.KeyFilter.*;

import java.nio.ByteBuffer;

/** Builds a {@link KeyFilter}. For one thread. */
final class KeyFilterBuilder {
  /*
   * In a filter that is larger than the processor's caches, each key costs a memory access. So keys
   * are gathered, and their lines are fetched at the same time: without this, a flush of a million
   * keys spent 15 percent of its time waiting here.
   */
  private static final int PENDING = 64;

  private final long[] words;
  private final long[] pending = new long[PENDING];
  private int pendingCount;

  @SuppressWarnings("UnusedVariable") // never used: keeps the compiler from removing reads
  private long fetched;

  /**
   * @param keys the number of keys that will be added
   */
  KeyFilterBuilder(long keys) {
    long bits = Math.multiplyExact(keys, BITS_PER_KEY);
    long lines = Math.min(MAX_LINES, (bits + LINE_BITS - 1) / LINE_BITS);
    words = new long[(int) lines * LINE_WORDS];
  }

  /** Adds a key by its hash. */
  void add(long hash) {
    if (pendingCount == PENDING) {
      addPending();
    }
    pending[pendingCount++] = hash;
  }

  private void addPending() {
    for (int i = 0; i < pendingCount; i++) {
      fetched += words[line(pending[i], words)];
    }
    for (int i = 0; i < pendingCount; i++) {
      set(pending[i]);
    }
    pendingCount = 0;
  }

  private void set(long hash) {
    int line = line(hash, words);
    long bits = bits(hash);
    for (int word = 0; word < LINE_WORDS; word++) {
      words[line + word] |= bit(bits, word);
    }
  }

  /** Returns the filter's words as bytes, followed by their checksum. */
  byte[] encode() {
    addPending();
    byte[] bytes = new byte[words.length * Long.BYTES + Checksum.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().put(words);
    return Checksum.seal(bytes);
  }
}
