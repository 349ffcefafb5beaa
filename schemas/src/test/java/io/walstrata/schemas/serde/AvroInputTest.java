package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroInputTest {
  private static AvroInput input(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    AvroInput in = new AvroInput();
    in.reset(bytes, 0, bytes.length);
    return in;
  }

  @Test
  void readLong_readsWhatAvroWrites() throws IOException {
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    Random random = new Random(seed);
    long[] values = new long[10_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (random.nextLong() >>> random.nextInt(64)) * (random.nextBoolean() ? 1 : -1);
    }
    values[0] = Long.MIN_VALUE;
    values[1] = Long.MAX_VALUE;
    values[2] = 0;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    for (long value : values) {
      encoder.writeLong(value);
    }
    encoder.flush();

    AvroInput in = new AvroInput();
    in.reset(out.toByteArray(), 0, out.size());
    for (long value : values) {
      assertThat(in.readLong()).as("walstrata.seed=%d", seed).isEqualTo(value);
    }
    in.requireEnd();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "80",
        "ffffffff",
        "ffffffffffffffffff",
        "ffffffffffffffffff02",
        "ffffffffffffffffffff01"
      })
  void readLong_cutShortOrTooLong_isMalformed(String hex) {
    AvroInput in = input(hex);

    assertThatThrownBy(in::readLong).isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void readInt_outside32Bits_isMalformed() {
    assertThat(input("ffffffff0f").readInt()).isEqualTo(Integer.MIN_VALUE);
    assertThat(input("feffffff0f").readInt()).isEqualTo(Integer.MAX_VALUE);
    AvroInput above = input("8080808010");
    assertThatThrownBy(above::readInt)
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("value=2147483648");
  }

  @Test
  void readBoolean_isZeroOrOne() {
    assertThat(input("00").readBoolean()).isFalse();
    assertThat(input("01").readBoolean()).isTrue();
    AvroInput two = input("02");
    assertThatThrownBy(two::readBoolean).isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void readIndex_mustBeBelowTheCount() {
    assertThat(input("02").readIndex(2)).isEqualTo(1);
    AvroInput equal = input("04");
    AvroInput negative = input("01");
    assertThatThrownBy(() -> equal.readIndex(2)).isInstanceOf(MalformedMessageException.class);
    assertThatThrownBy(() -> negative.readIndex(2)).isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void readBlock_withLengthInBytes_skipsIt() {
    AvroInput in = input("030a0102030405");

    assertThat(in.readBlock(2)).isEqualTo(2);
    assertThat(in.remaining()).isEqualTo(5);
  }

  @Test
  void requireBlockEnd_itemsOfAnotherLength_isMalformed() {
    AvroInput in = input("01080102030405");
    assertThat(in.readBlock(1)).isEqualTo(1);
    int end = in.blockEnd();
    in.skip(3);

    assertThatThrownBy(() -> in.requireBlockEnd(end))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("end=6, itemsEnd=5");
    in.skip(1);
    in.requireBlockEnd(end);
    AvroInput silent = input("02010203");
    silent.readBlock(1);
    silent.requireBlockEnd(silent.blockEnd());
  }

  @Test
  void step_asManyAsTheLengthExplains() {
    AvroInput in = input("0102030405");
    for (int i = 0; i < 5 * AvroInput.STEPS_PER_BYTE + AvroInput.STEPS_PER_MESSAGE; i++) {
      in.step();
    }

    assertThatThrownBy(in::step)
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("most=20040, bytes=5");
  }

  @Test
  void readBlock_moreItemsThanFit_isMalformed() {
    AvroInput in = input("060102030405");

    assertThatThrownBy(() -> in.readBlock(2))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("items=3, left=5");
  }

  @Test
  void reset_partOfAnArray_staysInside() {
    AvroInput in = new AvroInput();
    in.reset(new byte[] {9, 9, 2, 9}, 2, 1);

    assertThat(in.readLong()).isEqualTo(1);
    assertThat(in.position()).isEqualTo(3);
    assertThatThrownBy(in::readLong).isInstanceOf(MalformedMessageException.class);
    in.seek(2);
    assertThat(in.remaining()).isEqualTo(1);
    assertThatThrownBy(() -> in.seek(1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> in.reset(new byte[2], 1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
