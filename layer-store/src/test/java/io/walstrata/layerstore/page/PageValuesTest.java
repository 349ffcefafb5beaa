package io.walstrata.layerstore.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageValuesTest {
  private static final long U32 = 0xFFFFFFFFL;

  private static List<PageKey> someKeys() {
    List<PageKey> keys = new ArrayList<>(List.of(PageKey.MIN, PageKey.MAX, new PageKey(-1, -2)));
    long[] spcs = {0, 1, 1663, 0xFFFE, U32};
    long[] numbers = {0, 1, 0xFF, 0x100, 0x00FFFFFF, 0x01000000, 0x7FFFFFFFL, 0x80000000L, U32};
    Random random = new Random(1);
    for (int i = 0; i < 400; i++) {
      keys.add(
          PageKey.of(
              random.nextInt(256),
              spcs[random.nextInt(spcs.length)],
              numbers[random.nextInt(numbers.length)],
              numbers[random.nextInt(numbers.length)],
              random.nextInt(256),
              numbers[random.nextInt(numbers.length)]));
    }
    return keys;
  }

  @Test
  void key_ofItsBytesAndItsText_isTheSame() {
    for (PageKey key : someKeys()) {
      assertThat(PageKey.read(key.toBytes(), 0)).isEqualTo(key);
      assertThat(PageKey.parse(key.toString())).isEqualTo(key);
      assertThat(PageKey.of(key.kind(), key.spc(), key.db(), key.rel(), key.fork(), key.block()))
          .isEqualTo(key);
    }
  }

  @Test
  void keys_compareAsTheirBytesDo() {
    List<PageKey> keys = someKeys();
    for (PageKey one : keys) {
      for (PageKey two : keys) {
        assertThat(Integer.signum(one.compareTo(two)))
            .isEqualTo(Integer.signum(Arrays.compareUnsigned(one.toBytes(), two.toBytes())));
      }
    }
  }

  @Test
  void next_isAfterTheKeyWithNothingBetween() {
    for (PageKey key : someKeys()) {
      if (!key.equals(PageKey.MAX)) {
        assertThat(key.next()).isGreaterThan(key);
        assertThat(PageKey.read(key.next().toBytes(), 0)).isEqualTo(key.next());
      }
    }
    PageKey lastOfSpc = PageKey.of(0, 0xFFFE, U32, U32, 255, U32);
    assertThat(lastOfSpc.next()).isEqualTo(PageKey.of(0, U32, 0, 0, 0, 0));
    assertThat(PageKey.of(0, U32, U32, U32, 255, U32).next())
        .isEqualTo(PageKey.of(1, 0, 0, 0, 0, 0));
    assertThatIllegalStateException().isThrownBy(PageKey.MAX::next);
  }

  @Test
  void key_dotted_isReadAgain() {
    for (PageKey key : someKeys()) {
      assertThat(PageKey.parse(key.dotted())).isEqualTo(key);
    }
  }

  @Test
  void key_parse_takesDottedFieldsToo() {
    assertThat(PageKey.parse("1663.5.16384.0.7"))
        .isEqualTo(PageKey.of(0, 1663, 5, 16384, 0, 7))
        .hasToString("000000067F00000005000040000000000007");
  }

  @ParameterizedTest
  @CsvSource({
    "-1,0,0,0,0,0",
    "256,0,0,0,0,0",
    "0,65535,0,0,0,0",
    "0,65536,0,0,0,0",
    "0,4294967296,0,0,0,0",
    "0,0,4294967296,0,0,0",
    "0,0,0,-1,0,0",
    "0,0,0,0,256,0",
    "0,0,0,0,0,4294967296",
  })
  void key_withAFieldOutOfRange_isRefused(
      int kind, long spc, long db, long rel, int fork, long block) {
    assertThatExceptionOfType(UnrepresentableKeyException.class)
        .isThrownBy(() -> PageKey.of(kind, spc, db, rel, fork, block));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1.2.3.4",
        "1.2.3.4.5.6",
        "a.b.c.d.e",
        "+1663.5.16384.0.7",
        "1663.5.16384.-0.7",
        "1663.5.16384.0.",
        "1663.5.16384.0.\u0667",
        "1663.5.16384.4294967296.7",
        "1663.5.16384.0.99999999999999999999",
        "\uFF10\uFF10000000000000000000000000000000000",
        "00",
        "zz000000000000000000000000000000000000"
      })
  void key_parse_ofAnythingElse_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> PageKey.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0/0,0",
    "0/1,1",
    "16/B374D848,97500059720",
    "FFFFFFFF/FFFFFFFE,-2",
    "0/FFFFFFFF,4294967295"
  })
  void lsn_textForm(String text, long value) {
    assertThat(Lsn.of(value)).hasToString(text);
    assertThat(Lsn.parse(text)).isEqualTo(Lsn.of(value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "1",
        "1/",
        "/1",
        "1/2/3",
        "-1/0",
        "+1/0",
        "1/+2",
        "100000000/0",
        "000000000/0",
        "\u0660/\u0661\u0660\u0660",
        "0/\uFF11",
        "g/0",
        " 1/2"
      })
  void lsn_parse_ofAnythingElse_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Lsn.parse(text));
  }

  @Test
  void lsns_areUnsigned() {
    assertThat(Lsn.of(-2)).isGreaterThan(Lsn.of(Long.MAX_VALUE)).isLessThan(Lsn.MAX);
    assertThat(Lsn.of(Long.MAX_VALUE).next()).isEqualTo(Lsn.of(Long.MIN_VALUE));
    assertThat(Lsn.INVALID.isValid()).isFalse();
    assertThat(Lsn.MAX.isValid()).isFalse();
    assertThat(Lsn.of(-2).isValid()).isTrue();
    assertThatIllegalStateException().isThrownBy(Lsn.MAX::next);
  }

  @Test
  void ranges_areHalfOpenAndNeverEmpty() {
    PageKey a = PageKey.of(0, 1, 1, 1, 0, 1);
    PageKey b = PageKey.of(0, 1, 1, 1, 0, 3);
    KeyRange keys = new KeyRange(a, b);
    assertThat(keys.contains(a)).isTrue();
    assertThat(keys.contains(b)).isFalse();
    assertThat(keys.overlaps(KeyRange.of(b))).isFalse();
    assertThat(keys.overlaps(new KeyRange(a.next(), PageKey.MAX))).isTrue();
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyRange(a, a));
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyRange(b, a));
    LsnRange lsns = new LsnRange(Lsn.of(5), Lsn.MAX);
    assertThat(lsns.contains(Lsn.of(5))).isTrue();
    assertThat(lsns.contains(Lsn.of(-2))).isTrue();
    assertThat(lsns.contains(Lsn.of(4))).isFalse();
    assertThat(lsns.contains(Lsn.MAX)).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> new LsnRange(Lsn.of(5), Lsn.of(5)));
  }

  @Test
  void timeline_ofItsBytesAndItsText_isTheSame() {
    TimelineId id = new TimelineId(0x0011223344556677L, 0x8899AABBCCDDEEFFL);
    assertThat(id).hasToString("00112233445566778899aabbccddeeff");
    assertThat(TimelineId.parse(id.toString())).isEqualTo(id);
    assertThat(TimelineId.of(id.toBytes())).isEqualTo(id);
    assertThat(new TimelineId(-1, 0)).isGreaterThan(new TimelineId(1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> TimelineId.parse("00"));
    assertThatIllegalArgumentException().isThrownBy(() -> TimelineId.of(new byte[15]));
  }

  @Test
  void valueKinds_haveIdsThatNeverChange() {
    assertThat(ValueKind.IMAGE.id()).isEqualTo(0);
    assertThat(ValueKind.WAL_RECORD.id()).isEqualTo(1);
    assertThat(ValueKind.WAL_RECORD_WILL_INIT.id()).isEqualTo(3);
    for (ValueKind kind : ValueKind.values()) {
      assertThat(ValueKind.of(kind.id())).isEqualTo(kind);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> ValueKind.of(2));
  }
}
