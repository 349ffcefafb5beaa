package io.walstrata.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VisibilityMapTest {
  private final Page map = new Page(new byte[Page.BYTES]);

  @ParameterizedTest
  @CsvSource({
    "0, 24, 0x03",
    "3, 24, 0xC0",
    "4, 25, 0x03",
    "32671, 8191, 0xC0",
    "32672, 24, 0x03",
    "4294967294, 1071, 0x30",
  })
  void set_writesTwoBitsOfTheBlock(long heapBlock, int at, String bits) {
    VisibilityMap.set(map, heapBlock, VisibilityMap.VALID_BITS);

    assertThat(map.u8(at)).isEqualTo(Integer.decode(bits));
    assertThat(VisibilityMap.bits(map, heapBlock)).isEqualTo(3);
  }

  @Test
  void set_onAPageOfZeros_makesItAnEmptyMapFirst() {
    VisibilityMap.set(map, 1, VisibilityMap.ALL_VISIBLE);

    assertThat(map.lower()).isEqualTo(Page.HEADER_BYTES);
    assertThat(map.upper()).isEqualTo(Page.BYTES);
    assertThat(map.special()).isEqualTo(Page.BYTES);
    assertThat(map.u8(24)).isEqualTo(0x04);
  }

  @Test
  void clear_leavesTheOtherBits() {
    map.init(0);
    map.putU8(24, 0xFF);

    VisibilityMap.clear(map, 2, VisibilityMap.ALL_FROZEN);
    assertThat(map.u8(24)).isEqualTo(0xDF);
    VisibilityMap.clear(map, 1, VisibilityMap.VALID_BITS);
    assertThat(map.u8(24)).isEqualTo(0xD3);
    assertThat(VisibilityMap.bits(map, 2)).isEqualTo(VisibilityMap.ALL_VISIBLE);
  }

  @ParameterizedTest
  @CsvSource({"0, 24, 0x00", "1, 24, 0x03", "7, 25, 0x3F", "32671, 8191, 0x3F", "32674, 24, 0x0F"})
  void truncate_keepsTheBitsOfTheBlocksThatStay(long heapBlocks, int at, String kept) {
    map.init(0);
    map.fill(Page.HEADER_BYTES, Page.BYTES - Page.HEADER_BYTES, 0xFF);

    VisibilityMap.truncate(map, heapBlocks);

    assertThat(map.u8(at)).isEqualTo(Integer.decode(kept));
    for (int before = Page.HEADER_BYTES; before < at; before++) {
      assertThat(map.u8(before)).isEqualTo(0xFF);
    }
    for (int after = at + 1; after < Page.BYTES; after++) {
      assertThat(map.u8(after)).isZero();
    }
    assertThat(map.upper()).isEqualTo(Page.BYTES);
  }
}
