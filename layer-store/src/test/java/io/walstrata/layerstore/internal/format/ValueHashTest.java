package io.walstrata.layerstore.internal.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.testkit.Seeds;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ValueHashTest {
  private static final BigInteger A = new BigInteger("9E3779B97F4A7C15", 16);
  private static final BigInteger B = new BigInteger("D6E8FEB86659FD93", 16);
  private static final BigInteger MASK = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  /** The hash as FORMAT.md describes it, with numbers of any length. */
  private static long described(byte[] value) {
    int length = Math.max(16, value.length);
    byte[] bytes = Arrays.copyOf(value, length);
    BigInteger sum = BigInteger.valueOf(value.length);
    int term = 0;
    for (int at = 0; at < length - 16; at += 16) {
      sum = sum.add(term(bytes, at, ++term));
    }
    sum = sum.add(term(bytes, length - 16, ++term));
    return sum.longValue();
  }

  private static BigInteger term(byte[] bytes, int at, int number) {
    BigInteger x = word(bytes, at).xor(times(A, number));
    BigInteger y = word(bytes, at + 8).xor(times(B, number));
    BigInteger product = x.multiply(y);
    return product.shiftRight(64).xor(product.and(MASK));
  }

  private static BigInteger times(BigInteger constant, int number) {
    return constant.multiply(BigInteger.valueOf(number)).and(MASK);
  }

  private static BigInteger word(byte[] bytes, int at) {
    return new BigInteger(1, Arrays.copyOfRange(bytes, at, at + 8));
  }

  private static long hash(byte[] value) {
    return ValueHash.of(value, 0, value.length);
  }

  static LongStream seeds() {
    return Seeds.seeds(4);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void hash_isAsDescribed_atEveryLengthAndPlace(long seed) {
    Random random = new Random(seed);
    for (int length = 0; length < 300; length++) {
      byte[] value = new byte[length];
      random.nextBytes(value);
      byte[] around = new byte[length + 20];
      random.nextBytes(around);
      int offset = random.nextInt(20);
      System.arraycopy(value, 0, around, offset, length);

      assertThat(ValueHash.of(around, offset, length))
          .as("length=%d, %s", length, Seeds.replay(seed))
          .isEqualTo(described(value));
    }
    byte[] page = new byte[8192];
    random.nextBytes(page);
    assertThat(hash(page)).as(Seeds.replay(seed)).isEqualTo(described(page));
  }

  /** The examples of FORMAT.md. */
  @ParameterizedTest
  @CsvSource({
    "'', C9D874CA57D9E055",
    "123456789, 553DB0CA661B5201",
    "0123456789abcdef, D5D87AE1731F1409",
    "The quick brown fox jumps over the lazy dog, 960129C9A446CA6E",
  })
  void examples(String text, String expected) {
    assertThat(hash(text.getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(Long.parseUnsignedLong(expected, 16));
  }

  @Test
  void values_thatDifferALittle_haveOtherHashes() {
    Set<Long> hashes = new HashSet<>();
    int values = 0;
    for (int length = 0; length <= 100; length++) {
      for (byte fill : new byte[] {0, -1}) {
        byte[] value = new byte[length];
        Arrays.fill(value, fill);
        if (length > 0 || fill == 0) {
          hashes.add(hash(value));
          values++;
        }
        for (int bit = 0; bit < 8 * length; bit++) {
          value[bit / 8] ^= (byte) (1 << bit % 8);
          hashes.add(hash(value));
          values++;
          value[bit / 8] ^= (byte) (1 << bit % 8);
        }
      }
    }
    assertThat(hashes).hasSize(values);
  }

  /** With signed products, a pair of words and the pair of their negatives would be the same. */
  @Test
  void words_ofOtherSign_giveAnotherHash() {
    Set<Long> hashes = new HashSet<>();
    for (long first = -9; first <= 9; first++) {
      for (long second = -9; second <= 9; second++) {
        hashes.add(hash(ByteBuffer.allocate(16).putLong(first).putLong(second).array()));
      }
    }
    assertThat(hashes).hasSize(19 * 19);
  }

  @Test
  void words_thatChangePlaces_giveAnotherHash() {
    Set<Long> hashes = new HashSet<>();
    for (int one = 0; one < 16; one++) {
      for (int other = 0; other < one; other++) {
        byte[] value = new byte[128];
        value[8 * one] = 1;
        value[8 * other] = 2;
        hashes.add(hash(value));
        value[8 * one] = 2;
        value[8 * other] = 1;
        hashes.add(hash(value));
      }
    }
    assertThat(hashes).hasSize(16 * 15);
  }
}
