package io.walstrata.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.wal.Seeds;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GinPostingListTest {
  private final byte[] bytes = new byte[Page.BYTES];

  private static long item(long block, int offset) {
    return GinPostingList.item((int) (block >>> 16), (int) block & 0xFFFF, offset);
  }

  @Test
  void encode_isAsPostgresLaysItOut() {
    long[] items = {item(0x12345, 6), item(0x12345, 7), item(0x12346, 7), item(0xFFFFFFFFL, 291)};

    int length = GinPostingList.encode(items, 4, bytes, 0, bytes.length);

    // First: block, upper half first, and offset; then 10 bytes of differences: 1; 2048; the rest.
    long rest = items[3] - items[2];
    StringBuilder last = new StringBuilder();
    for (; rest > 0x7F; rest >>>= 7) {
      last.append("%02x".formatted(rest & 0x7F | 0x80));
    }
    last.append("%02x".formatted(rest));
    assertThat(HexFormat.of().formatHex(bytes, 0, length))
        .isEqualTo("0100" + "4523" + "0600" + "0a00" + "01" + "8010" + last);
  }

  @Test
  void encode_ofAnOddNumberOfBytesIsPaddedWithZero() {
    Arrays.fill(bytes, (byte) 0x55);

    int length =
        GinPostingList.encode(new long[] {item(1, 1), item(1, 2)}, 2, bytes, 4, bytes.length);

    assertThat(HexFormat.of().formatHex(bytes, 4, 4 + length + 1))
        .isEqualTo("0000" + "0100" + "0100" + "0100" + "01" + "00" + "55");
  }

  @Test
  void decode_returnsWhatWasEncoded() {
    Random random = Seeds.random();
    for (int run = 0; run < 300; run++) {
      int count = 1 + random.nextInt(900);
      long[] items =
          random
              .longs(count)
              .map(n -> item((n & 0xFFFFFFFFL) >>> (n >>> 59), 1 + (int) (n >>> 32 & 0x3FF)))
              .sorted()
              .distinct()
              .toArray();
      int at = random.nextInt(100);

      int length = GinPostingList.encode(items, items.length, bytes, at, bytes.length);

      assertThat(GinPostingList.segmentBytes(bytes, at, bytes.length)).isEqualTo(length);
      assertThat(GinPostingList.decode(bytes, at, at + length)).isEqualTo(items);
    }
  }

  @Test
  void encode_ofItemsThatDoNotFitIsRefused() {
    long[] items = {item(1, 1), item(1, 2), item(1, 3), item(1, 4)};

    assertThat(GinPostingList.encode(items, 4, bytes, 0, 12)).isEqualTo(12);
    for (int limit = 0; limit < 12; limit++) {
      int end = limit;
      assertThatThrownBy(() -> GinPostingList.encode(items, 4, bytes, 0, end))
          .isInstanceOf(PageException.class)
          .hasMessageContaining("no room");
    }
  }

  @Test
  void encode_ofItemsOutOfOrderIsRefused() {
    assertThatThrownBy(
            () -> GinPostingList.encode(new long[] {item(2, 1), item(1, 1)}, 2, bytes, 0, 100))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("not in order");
  }

  @Test
  void decode_ofDamagedSegmentsIsRefused() {
    // Ends outside of the page; within a difference; has a difference of 0, of 50 bits, too large.
    for (String segment :
        new String[] {
          "000001000100ff7f01",
          "000001000100010081",
          "000001000100020001" + "00",
          "00000100010008008080808080808001",
          "0000010001000800ffffffffffff7f00",
          "00000100000000"
        }) {
      byte[] damaged = HexFormat.of().parseHex(segment);
      assertThatThrownBy(() -> GinPostingList.decode(damaged, 0, damaged.length))
          .as(segment)
          .isInstanceOf(PageException.class);
    }
  }

  @Test
  void merge_keepsOrderAndEachItemOnce() {
    long[] a = {1, 4, 6, 9};
    long[] b = {2, 4, 5, 9, 11};

    assertThat(GinPostingList.merge(a, b)).containsExactly(1, 2, 4, 5, 6, 9, 11);
    assertThat(GinPostingList.merge(b, a)).containsExactly(1, 2, 4, 5, 6, 9, 11);
    assertThat(GinPostingList.merge(new long[0], b)).isEqualTo(b);
    assertThat(GinPostingList.merge(a, new long[0])).isEqualTo(a);
  }
}
