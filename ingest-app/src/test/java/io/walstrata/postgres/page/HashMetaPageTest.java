package io.walstrata.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashMetaPageTest {
  private static final int OVFLPOINT = 60;
  private static final int NMAPS = 68;
  private static final int SPARES = 76;

  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "1, 2",
    "9, 512",
    "10, 640",
    "11, 768",
    "12, 896",
    "13, 1024",
    "14, 1280",
    "17, 2048"
  })
  void buckets_ofAPhase_areAllUpToIt(int phase, int buckets) {
    assertThat(HashMetaPage.buckets(phase)).isEqualTo(buckets);
    assertThat(HashMetaPage.phase(buckets)).isEqualTo(phase);
    assertThat(HashMetaPage.phase(buckets + 1)).isEqualTo(phase + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "-5, 10, 2, 3, 1",
    "20, 10, 2, 3, 1",
    "31, 10, 4, 7, 2",
    "70000, 40, 1792, 2047, 16",
    "1e300, 10, 1073741824, 2147483647, 93",
    "1, 0, 1073741824, 2147483647, 93"
  })
  void init_choosesTheNumberOfBuckets(
      double tuples, int fillFactor, long buckets, long highMask, int phase) {
    Page page = new Page(new byte[Page.BYTES]);
    HashMetaPage.init(page, tuples, 450, fillFactor);
    HashMetaPage.check(page);

    assertThat(HashMetaPage.maxBucket(page)).isEqualTo(buckets - 1);
    assertThat(page.u32(52)).isEqualTo(highMask);
    assertThat(page.u32(56)).isEqualTo(highMask / 2);
    assertThat(page.u32(OVFLPOINT)).isEqualTo(phase);
    assertThat(page.u32(SPARES + 4 * phase)).isEqualTo(1);
    assertThat(page.lower()).isEqualTo(4568);
    assertThat(page.u16(42)).isEqualTo(8152);
    assertThat(page.u16(44)).isEqualTo(4096);
    assertThat(page.u16(46)).isEqualTo(15);
  }

  @ParameterizedTest
  @CsvSource({"NaN, 10", "0, 0"})
  void init_refusesWhatIsNoNumber(double tuples, int fillFactor) {
    Page page = new Page(new byte[Page.BYTES]);
    assertThatThrownBy(() -> HashMetaPage.init(page, tuples, 450, fillFactor))
        .isInstanceOf(PageException.class);
  }

  @Test
  void bitmapPages_andPhases_areBounded() {
    Page page = new Page(new byte[Page.BYTES]);
    HashMetaPage.init(page, 1, 450, 10);
    page.putI32(NMAPS, 1023);
    HashMetaPage.addMap(page, 77);
    assertThat(page.u32(4568 - 8)).isEqualTo(77);
    assertThatThrownBy(() -> HashMetaPage.addMap(page, 78)).isInstanceOf(PageException.class);
    HashMetaPage.setPhase(page, 97, 5);
    HashMetaPage.addSpare(page);
    assertThat(page.u32(SPARES + 4 * 97)).isEqualTo(6);
    assertThatThrownBy(() -> HashMetaPage.setPhase(page, 98, 5)).isInstanceOf(PageException.class);
    page.putI32(OVFLPOINT, -1);
    assertThatThrownBy(() -> HashMetaPage.addSpare(page)).isInstanceOf(PageException.class);
  }
}
