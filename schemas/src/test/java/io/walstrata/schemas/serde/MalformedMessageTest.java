package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class MalformedMessageTest {
  private static final String TOPIC = "wal";

  private final Map<String, ?> settings =
      Map.of(WalSerdeConfig.URL, "mock://malformed-message-test", WalSerdeConfig.MAX_BLOCK_MS, 0);
  private final WalSerializer serializer = new WalSerializer(settings);
  private final WalDeserializer deserializer = new WalDeserializer(settings);

  @AfterEach
  void close() {
    serializer.close();
    deserializer.close();
  }

  private void assertMalformed(byte[] message, String what) {
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, message))
        .as(what)
        .isInstanceOf(MalformedMessageException.class);
  }

  @ParameterizedTest
  @FieldSource("io.walstrata.schemas.serde.Messages#ALL")
  void cutAnywhere_isMalformed(SpecificRecord message) {
    byte[] bytes = serializer.write(TOPIC, message);
    for (int length = 0; length < bytes.length; length++) {
      assertMalformed(Arrays.copyOf(bytes, length), "length " + length);
    }
  }

  @ParameterizedTest
  @FieldSource("io.walstrata.schemas.serde.Messages#ALL")
  void bytesAfterTheEnd_areMalformed(SpecificRecord message) {
    byte[] bytes = serializer.write(TOPIC, message);

    assertMalformed(Arrays.copyOf(bytes, bytes.length + 1), "one zero");
    byte[] twice = Arrays.copyOf(bytes, 2 * bytes.length);
    System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
    assertMalformed(twice, "twice");
  }

  @Test
  void otherBytes_areMalformed() {
    assertMalformed("plain text".getBytes(StandardCharsets.UTF_8), "text");
    assertMalformed(new byte[] {1, 0, 0, 0, 1, 0}, "another magic byte");
    assertMalformed(new byte[] {0, 0, 0, 1}, "four bytes");
  }

  @Test
  void message_ofMalformed_saysWhere() {
    byte[] bytes = serializer.write(TOPIC, Messages.PROGRESS);

    assertThatThrownBy(
            () -> deserializer.deserialize(TOPIC, Arrays.copyOf(bytes, bytes.length - 1)))
        .hasMessage("message cut short in a number: needed=1, left=0, at=16 of the body");
  }

  @ParameterizedTest
  @FieldSource("io.walstrata.schemas.serde.Messages#ALL")
  void anyBitFlipped_isReadOrBad_nothingElse(SpecificRecord message) {
    byte[] bytes = serializer.write(TOPIC, message);
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertReadOrBad(flipped, "bit " + bit);
    }
  }

  @ParameterizedTest
  @FieldSource("io.walstrata.schemas.serde.Messages#ALL")
  void randomBytes_areReadOrBad_nothingElse(SpecificRecord message) {
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    Random random = new Random(seed);
    byte[] bytes = serializer.write(TOPIC, message);
    for (int round = 0; round < 5_000; round++) {
      byte[] garbled = Arrays.copyOf(bytes, 5 + random.nextInt(2 * bytes.length));
      for (int i = random.nextInt(20); i >= 0; i--) {
        if (garbled.length > WireFormat.BODY_OFFSET) {
          int at = WireFormat.BODY_OFFSET + random.nextInt(garbled.length - 5);
          garbled[at] = (byte) random.nextInt();
        }
      }
      assertReadOrBad(garbled, "walstrata.seed=" + seed + ", round=" + round);
    }
  }

  private void assertReadOrBad(byte[] message, String what) {
    Throwable thrown = catchThrowable(() -> deserializer.deserialize(TOPIC, message));
    if (thrown != null) {
      assertThat(thrown).as(what).isInstanceOf(BadMessageException.class);
    }
  }

  /** Lengths and counts that would need gigabytes must cost nothing. */
  @ParameterizedTest
  @ValueSource(
      longs = {
        1L << 20,
        Integer.MAX_VALUE - 8,
        Integer.MAX_VALUE,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -(1L << 31),
        -1
      })
  void lengthBombs_areMalformedAndAllocateNothing(long claim) throws Exception {
    serializer.write(TOPIC, Messages.RECORD); // loads classes
    assertThat(allocatedBy(() -> assertMalformed(recordClaiming(claim), "bytes")))
        .isLessThan(LITTLE);
    serializer.write(TOPIC, Messages.BATCH);
    assertThat(allocatedBy(() -> assertMalformed(batchClaiming(claim), "array")))
        .isLessThan(LITTLE);
    assertMalformed(batchClaimingBlock(claim), "block size");
  }

  private static final long LITTLE = 4 << 20;

  private static long allocatedBy(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** A WalRecord whose value claims a length. */
  private byte[] recordClaiming(long length) {
    return framed(
        Messages.RECORD,
        out -> {
          out.writeFixed(Messages.timeline().bytes());
          out.writeLong(1);
          out.writeFixed(Messages.key(1).bytes());
          out.writeEnum(0);
          out.writeBoolean(false);
          out.writeLong(length);
          out.writeFixed(new byte[100]);
        });
  }

  /** A WalBatch whose array claims a number of entries. */
  private byte[] batchClaiming(long entries) {
    return framed(
        Messages.BATCH,
        out -> {
          out.writeFixed(Messages.timeline().bytes());
          out.writeLong(0);
          out.writeLong(entries);
          out.writeFixed(new byte[100]);
        });
  }

  /** A WalBatch whose block of one entry claims a length in bytes. */
  private byte[] batchClaimingBlock(long length) {
    return framed(
        Messages.BATCH,
        out -> {
          out.writeFixed(Messages.timeline().bytes());
          out.writeLong(0);
          out.writeLong(-1);
          out.writeLong(length);
          out.writeFixed(new byte[100]);
        });
  }

  @FunctionalInterface
  private interface Content {
    void writeTo(BinaryEncoder out) throws java.io.IOException;
  }

  private byte[] framed(SpecificRecord like, Content content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(serializer.write(TOPIC, like), 0, WireFormat.BODY_OFFSET);
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      content.writeTo(encoder);
      encoder.flush();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
