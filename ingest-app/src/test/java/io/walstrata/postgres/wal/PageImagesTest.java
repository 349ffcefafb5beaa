package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.util.Arrays;
import java.util.Random;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageImagesTest {
  private static final int APPLY = BlockReference.IMAGE_APPLY;
  private static final int HOLE = BlockReference.IMAGE_HAS_HOLE;

  private final byte[] page = new byte[8192];

  PageImagesTest() {
    for (int i = 0; i < page.length; i++) {
      page[i] = (byte) (i / 100 + 1);
    }
  }

  private static BlockReference image(byte[] stored, int info, int holeOffset, int holeLength) {
    return RecordMaker.record(RecordMaker.RMGR_XLOG, 0xB0)
        .image(0, 3, stored, info, holeOffset, holeLength)
        .parse()
        .blocks()
        .get(0);
  }

  private byte[] withoutHole(int offset, int length) {
    return RecordMaker.bytes(
        Arrays.copyOf(page, offset), Arrays.copyOfRange(page, offset + length, 8192));
  }

  @Test
  void plain_isThePage() {
    assertThat(image(page, APPLY, 0, 0).image()).isEqualTo(page);
  }

  @ParameterizedTest
  @ValueSource(ints = {BlockReference.IMAGE_LZ4, BlockReference.IMAGE_ZSTD})
  void compressed_withAndWithoutHole(int method) {
    byte[] whole = compress(method, page);
    assertThat(image(whole, APPLY | method, 0, 0).image()).isEqualTo(page);

    byte[] part = compress(method, withoutHole(1000, 5000));
    byte[] expected = page.clone();
    Arrays.fill(expected, 1000, 6000, (byte) 0);
    assertThat(image(part, APPLY | HOLE | method, 1000, 5000).image()).isEqualTo(expected);
  }

  private static byte[] compress(int method, byte[] plain) {
    return method == BlockReference.IMAGE_ZSTD
        ? Zstd.compress(plain)
        : LZ4Factory.safeInstance().fastCompressor().compress(plain);
  }

  @Test
  void plain_withHole() {
    byte[] expected = page.clone();
    Arrays.fill(expected, 24, 8100, (byte) 0);
    BlockReference block = image(withoutHole(24, 8076), APPLY | HOLE, 24, 0);
    assertThat(block.image()).isEqualTo(expected);
  }

  @Test
  void pglz_literalsAndCopies() {
    // Three letters, then copies of them: short, long with the extra length byte.
    byte[] stored = {0b0001_1000, 'a', 'b', 'c', 0x03, 3, 0x0F, 6, 10, 'x'};
    byte[] plain = new byte[3 + 6 + 28 + 1];
    assertThat(Pglz.decompress(stored, plain)).isNull();
    assertThat(new String(plain, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("abcabcabc" + "abcabcabc".repeat(4).substring(0, 28) + "x");
  }

  @Test
  void pglz_farCopy() {
    byte[] plain = new byte[4095 + 4];
    java.io.ByteArrayOutputStream stored = new java.io.ByteArrayOutputStream();
    for (int i = 0; i < 4095; i++) {
      if (i % 8 == 0) {
        stored.write(0);
      }
      stored.write(i % 251);
    }
    // 4095 literals leave one bit of the last control byte, which the copy needs.
    byte[] bytes = stored.toByteArray();
    bytes[4088 / 8 * 9] = (byte) 0x80;
    byte[] all = RecordMaker.bytes(bytes, new byte[] {(byte) 0xF1, (byte) 0xFF});
    assertThat(Pglz.decompress(all, plain)).isNull();
    assertThat(Arrays.copyOfRange(plain, 4095, 4099)).containsExactly(0, 1, 2, 3);
  }

  @ParameterizedTest
  @CsvSource({
    "'01', 5, wrong length",
    "'0100', 5, ends within a copy",
    "'010F01', 20, ends within a copy",
    "'010001', 3, copy from outside",
    "'0241 0000', 4, copy from outside",
    "'00414243', 4, wrong length",
    "'00414243', 2, wrong length",
    "'', 1, wrong length",
  })
  void pglz_damaged(String hex, int length, String reason) {
    byte[] stored = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
    assertThat(Pglz.decompress(stored, new byte[length])).contains(reason);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BlockReference.IMAGE_PGLZ,
        BlockReference.IMAGE_LZ4,
        BlockReference.IMAGE_ZSTD,
        BlockReference.IMAGE_LZ4 | BlockReference.IMAGE_ZSTD
      })
  void garbage_isABadImage(int method) {
    Random random = Seeds.random();
    for (int round = 0; round < 3_000; round++) {
      byte[] garbage = new byte[1 + random.nextInt(300)];
      random.nextBytes(garbage);
      BlockReference block = image(garbage, APPLY | method, 0, 0);
      assertThatThrownBy(block::image)
          .isInstanceOf(WalException.class)
          .hasMessageContaining("does not decompress")
          .hasMessageContaining("lsn=0/1000000");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {BlockReference.IMAGE_LZ4, BlockReference.IMAGE_ZSTD})
  void damagedStream_isABadImageOrAPage(int method) {
    byte[] stored = compress(method, page);
    for (int at = 0; at < stored.length; at++) {
      byte[] damaged = stored.clone();
      damaged[at] ^= 0x55;
      try {
        assertThat(image(damaged, APPLY | method, 0, 0).image()).hasSize(8192);
      } catch (WalException e) {
        assertThat(e).hasMessageContaining("does not decompress");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // stored, info, hole offset, hole length
    "100, 2, 0, 0",
    "8192, 6, 0, 0",
    "100, 7, 0, 500",
    "100, 7, 500, 0",
    "100, 7, 8000, 500",
    "8192, 3, 100, 0",
    "100, 6, 7, 0",
    "8000, 3, 8100, 0",
  })
  void impossibleSizes_areRefused(int stored, int info, int holeOffset, int holeLength) {
    assertThatThrownBy(() -> image(new byte[stored], info, holeOffset, holeLength))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("impossible size");
  }
}
