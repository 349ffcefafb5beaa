package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class WalSerdeTest {
  private static final String TOPIC = "wal";

  private static Map<String, Object> settings(String registry) {
    return new HashMap<>(
        Map.of(WalSerdeConfig.URL, "mock://" + registry, WalSerdeConfig.MAX_BLOCK_MS, 0));
  }

  @ParameterizedTest
  @FieldSource("io.walstrata.schemas.serde.Messages#ALL")
  void serialize_anyMessage_readsBackEqual(SpecificRecord message) {
    try (WalSerde serde = new WalSerde(settings("round-trip"))) {
      byte[] bytes = serde.serializer().serialize(TOPIC, message);

      assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(message);
    }
  }

  @Test
  void serialize_null_isNullBothWays() {
    try (WalSerde serde = new WalSerde(settings("null"))) {
      assertThat(serde.serializer().serialize(TOPIC, null)).isNull();
      assertThat(serde.deserializer().deserialize(TOPIC, null)).isNull();
    }
  }

  @Test
  void serialize_framesWithMagicAndSchemaId() {
    Map<String, Object> settings = settings("framing");
    try (WalSerializer serializer = new WalSerializer(settings)) {
      byte[] bytes = serializer.serialize(TOPIC, Messages.PROGRESS);

      ByteBuffer in = ByteBuffer.wrap(bytes);
      assertThat(in.get()).isZero();
      int id = in.getInt();
      SchemaRegistry registry = SchemaRegistry.open(new WalSerdeConfig(settings));
      assertThat(new Schema.Parser().parse(registry.byId(id).text()))
          .isEqualTo(WalMessageType.PROGRESS.schema());
      byte[] timeline = new byte[16];
      in.get(timeline);
      assertThat(timeline).isEqualTo(Messages.timeline().bytes());
      assertThat(in.get()).as("LSN 1 in Avro's zig-zag").isEqualTo((byte) 2);
      assertThat(in.hasRemaining()).isFalse();
    }
  }
}
