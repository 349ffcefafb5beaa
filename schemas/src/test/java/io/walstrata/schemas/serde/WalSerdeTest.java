package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalTimelineId;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

@Timeout(30)
class WalSerdeTest {
  private static final String TOPIC = "wal";

  /** Settings of a registry that only this test has. */
  private static Map<String, Object> settings(TestInfo test) {
    return new HashMap<>(
        Map.of(
            WalSerdeConfig.URL,
            "mock://" + test.getTestMethod().orElseThrow().getName(),
            WalSerdeConfig.MAX_BLOCK_MS,
            0));
  }

  @ParameterizedTest
  @FieldSource("io.walstrata.schemas.serde.Messages#ALL")
  void serialize_anyMessage_readsBackEqual(SpecificRecord message, TestInfo test) {
    try (WalSerde serde = new WalSerde(settings(test))) {
      byte[] bytes = serde.serializer().serialize(TOPIC, message);

      assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(message);
    }
  }

  @Test
  void serialize_null_isNullBothWays(TestInfo test) {
    try (WalSerde serde = new WalSerde(settings(test))) {
      assertThat(serde.serializer().serialize(TOPIC, null)).isNull();
      assertThat(serde.deserializer().deserialize(TOPIC, (byte[]) null)).isNull();
    }
  }

  @Test
  void write_framesWithMagicAndSchemaId(TestInfo test) {
    Map<String, Object> settings = settings(test);
    try (WalSerializer serializer = new WalSerializer(settings)) {
      ByteBuffer in = ByteBuffer.wrap(serializer.write(TOPIC, Messages.PROGRESS));

      assertThat(in.get()).isZero();
      assertThat(registered(settings, in.getInt())).isEqualTo(WalMessageType.PROGRESS.schema());
      byte[] timeline = new byte[16];
      in.get(timeline);
      assertThat(timeline).isEqualTo(Messages.timeline().bytes());
      assertThat(in.get()).as("LSN 1 in Avro's zig-zag").isEqualTo((byte) 2);
      assertThat(in.hasRemaining()).isFalse();
    }
  }

  private static Schema registered(Map<String, Object> settings, int id) {
    SchemaRegistry registry = SchemaRegistry.open(new WalSerdeConfig(settings));
    return new Schema.Parser().parse(registry.byId(id).text());
  }

  @Test
  void write_sameMessageToTwoTopics_registersUnderBoth(TestInfo test) {
    Map<String, Object> settings = settings(test);
    try (WalSerializer serializer = new WalSerializer(settings)) {
      serializer.write("a", Messages.PROGRESS);
      serializer.write("b", Messages.PROGRESS);
    }

    SchemaRegistry registry = SchemaRegistry.open(new WalSerdeConfig(settings));
    assertThat(registry.latest("a-io.walstrata.schemas.WalProgress").id())
        .isEqualTo(registry.latest("b-io.walstrata.schemas.WalProgress").id());
  }

  @Test
  void write_otherRecord_isRefused(TestInfo test) {
    try (WalSerializer serializer = new WalSerializer(settings(test))) {
      SpecificRecord entry = Messages.BATCH.getEntries().get(0);

      assertThatThrownBy(() -> serializer.write(TOPIC, entry))
          .isInstanceOf(SerializationException.class)
          .hasMessageContaining("record=io.walstrata.schemas.WalBatchEntry");
    }
  }

  @Test
  void write_incompleteMessage_isRefused(TestInfo test) {
    try (WalSerializer serializer = new WalSerializer(settings(test))) {
      assertThatThrownBy(() -> serializer.write(TOPIC, new WalProgress()))
          .isInstanceOf(SerializationException.class)
          .hasMessageContaining("topic=wal");
    }
  }

  @Test
  void write_withoutAutoRegister_needsTheSchema(TestInfo test) {
    Map<String, Object> settings = settings(test);
    settings.put(WalSerdeConfig.AUTO_REGISTER, false);
    try (WalSerde serde = new WalSerde(settings)) {
      assertThatThrownBy(() -> serde.serializer().serialize(TOPIC, Messages.PROGRESS))
          .isInstanceOf(SchemaRefusedException.class)
          .hasMessageContaining("wal-io.walstrata.schemas.WalProgress")
          .hasMessageContaining("auto.register.schemas=true");

      SchemaRegistry.open(new WalSerdeConfig(settings))
          .register(
              "wal-io.walstrata.schemas.WalProgress", WalMessageType.PROGRESS.schema().toString());
      byte[] bytes = serde.serializer().serialize(TOPIC, Messages.PROGRESS);
      assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(Messages.PROGRESS);
    }
  }

  @Test
  void write_useLatestVersion_writesWithTheRegistrysSchema(TestInfo test) {
    Map<String, Object> settings = settings(test);
    settings.put(WalSerdeConfig.AUTO_REGISTER, false);
    settings.put(WalSerdeConfig.USE_LATEST, true);
    Schema latest = Golden.schema("older/WalRecord.avsc");
    int id =
        SchemaRegistry.open(new WalSerdeConfig(settings))
            .register("wal-io.walstrata.schemas.WalRecord", latest.toString());
    try (WalSerde serde = new WalSerde(settings)) {
      byte[] bytes = serde.serializer().serialize(TOPIC, Messages.RECORD);

      assertThat(bytes).isNotNull();
      assertThat(WireFormat.schemaId(bytes)).isEqualTo(id);
      assertThat(bytes).endsWith(OlderMessages.bytes("WalRecord"));
    }
  }

  @Test
  void write_useLatestVersionThatCannotTakeOurs_isRefused(TestInfo test) {
    Map<String, Object> settings = settings(test);
    settings.put(WalSerdeConfig.AUTO_REGISTER, false);
    settings.put(WalSerdeConfig.USE_LATEST, true);
    SchemaRegistry.open(new WalSerdeConfig(settings))
        .register(
            "wal-io.walstrata.schemas.WalProgress",
            """
            {"type": "record", "name": "io.walstrata.schemas.WalProgress",
             "fields": [{"name": "unknown", "type": "int"}]}""");
    try (WalSerializer serializer = new WalSerializer(settings)) {
      assertThatThrownBy(() -> serializer.write(TOPIC, Messages.PROGRESS))
          .isInstanceOf(SchemaRefusedException.class)
          .hasMessageContaining("use.latest.version=false");
    }
  }

  @Test
  void configure_useLatestWithAutoRegister_isRefused(TestInfo test) {
    Map<String, Object> settings = settings(test);
    settings.put(WalSerdeConfig.USE_LATEST, true);

    assertThatThrownBy(() -> new WalSerializer(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("auto.register.schemas=false");
  }

  @Test
  void configure_forKeys_isRefused(TestInfo test) {
    try (WalSerde serde = new WalSerde()) {
      assertThatThrownBy(() -> serde.configure(settings(test), /* isKey= */ true))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("routing key");
    }
  }

  @Test
  void use_beforeConfigure_isAnIllegalState() {
    try (WalSerde serde = new WalSerde()) {
      assertThatThrownBy(() -> serde.serializer().serialize(TOPIC, Messages.PROGRESS))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, new byte[5]))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void deserialize_needsNoTrustedClasses(TestInfo test) {
    // Avro refuses to load classes that a schema names unless the process trusts them; the serde
    // must work in a process that trusts none, for fixed types too.
    try (WalSerde serde = new WalSerde(settings(test))) {
      SpecificRecord read =
          serde
              .deserializer()
              .deserialize(TOPIC, serde.serializer().serialize(TOPIC, Messages.PROGRESS));

      assertThat(((WalProgress) read).getTimeline()).isInstanceOf(WalTimelineId.class);
    }
  }
}
