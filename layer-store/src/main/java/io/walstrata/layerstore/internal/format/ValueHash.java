package io.walstrata.layerstore.internal.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A hash of a value's bytes, of 64 bits:
 *
 * <pre>
 * fold(x, y) = upper 64 bits ^ lower 64 bits of the product of x and y, unsigned
 * term(i, p) = fold(u64 at p ^ i A, u64 at p + 8 ^ i B)
 * hash       = n + term(1, 0) + term(2, 16) + term(3, 32) ... + term(m, n - 16)
 * </pre>
 *
 * where {@code n} is the length, the terms but for the last one are for all multiples of 16 below
 * {@code n - 16}, {@code A = 0x9E3779B97F4A7C15} and {@code B = 0xD6E8FEB86659FD93}, numbers are
 * big-endian, and all else is modulo 2^64. A value of less than 16 bytes is hashed with zeros
 * appended up to 16, and its own length as {@code n}.
 */
final class ValueHash {
  /*
   * Products of neighbouring words, each with a number added that depends on its position, as in
   * UMAC (J. Black et al., "UMAC: fast and secure message authentication", 1999), but with fixed
   * numbers: it finds accidental changes only. No term depends on another, so that the processor
   * works on several at a time.
   */
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final long A = 0x9E3779B97F4A7C15L;
  private static final long B = 0xD6E8FEB86659FD93L;
  private static final int STEP = 2 * Long.BYTES;

  private ValueHash() {}

  static long of(byte[] bytes, int offset, int length) {
    if (length < STEP) {
      return ofShort(bytes, offset, length);
    }
    int last = offset + length - STEP;
    long sum = length;
    long a = A;
    long b = B;
    for (int at = offset; at < last; at += STEP) {
      sum += fold(word(bytes, at) ^ a, word(bytes, at + Long.BYTES) ^ b);
      a += A;
      b += B;
    }
    return sum + fold(word(bytes, last) ^ a, word(bytes, last + Long.BYTES) ^ b);
  }

  private static long ofShort(byte[] bytes, int offset, int length) {
    long first = 0;
    long second = 0;
    for (int i = 0; i < length; i++) {
      long bits = (bytes[offset + i] & 0xFFL) << (56 - 8 * (i % Long.BYTES));
      first |= i < Long.BYTES ? bits : 0;
      second |= i < Long.BYTES ? 0 : bits;
    }
    return length + fold(first ^ A, second ^ B);
  }

  private static long word(byte[] bytes, int at) {
    return (long) LONGS.get(bytes, at);
  }

  private static long fold(long x, long y) {
    long high = Math.multiplyHigh(x, y) + (x >> 63 & y) + (y >> 63 & x);
    return high ^ (x * y);
  }
}
