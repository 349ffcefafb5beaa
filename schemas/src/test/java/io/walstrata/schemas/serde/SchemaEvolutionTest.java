package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Topics keep messages for as long as people keep topics: each released schema must stay readable,
 * and readers already out there must stay able to read what is written next.
 */
class SchemaEvolutionTest {
  private static SchemaCompatibilityType verdict(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType();
  }

  @ParameterizedTest
  @EnumSource
  void v1_isReadableByTheCurrentSchema(WalMessageType type) {
    Schema v1 = Golden.schema("v1/" + type.schema().getName() + ".avsc");

    assertThat(verdict(type.schema(), v1)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  @ParameterizedTest
  @EnumSource
  void v1_canReadTheCurrentSchema(WalMessageType type) {
    Schema v1 = Golden.schema("v1/" + type.schema().getName() + ".avsc");

    assertThat(verdict(v1, type.schema())).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  /**
   * A registry compares the whole text of a schema, its {@code doc} too: another text is another
   * version, which producers that do not register schemas cannot use before it is registered.
   */
  @ParameterizedTest
  @CsvSource({
    "RECORD, db64c34f4318c59a",
    "BATCH, 051cb2d19ee8d6a0",
    "TOMBSTONE, 1d46e6a1c41fc04e",
    "PROGRESS, f8395ecb241c5415"
  })
  void registeredText_isAsPublished(WalMessageType type, String digest) throws Exception {
    byte[] text = type.schema().toString().getBytes(StandardCharsets.UTF_8);

    assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text)))
        .as("the digest of %s", type.schema())
        .startsWith(digest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"WalRecord", "WalBatch"})
  void schemasWithoutDefaultedFields_areReadable(String record) {
    Schema current =
        WalMessageType.ofRecordName("io.walstrata.schemas." + record).orElseThrow().schema();

    assertThat(verdict(current, Golden.schema("older/" + record + ".avsc")))
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  @ParameterizedTest
  @EnumSource
  void text_isTheSchemaAndSelfContained(WalMessageType type) {
    String bySimpleName = WalSchemas.text(type.schema().getName());

    assertThat(WalSchemas.text(type.recordName())).isEqualTo(bySimpleName);
    assertThat(new Schema.Parser().parse(bySimpleName)).isEqualTo(type.schema());
    assertThat(bySimpleName.lines().count()).as("indented").isGreaterThan(5);
  }

  @Test
  void text_ofUnknownMessage_namesTheKnownOnes() {
    assertThatThrownBy(() -> WalSchemas.text("WalNothing"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("WalRecord, WalBatch, WalTombstone, WalProgress");
  }

  static List<List<String>> foreignMessages() {
    List<List<String>> lines = Golden.lines("v1/foreign-clients.txt");
    assertThat(lines).hasSize(2 * WalMessageType.values().length);
    return lines;
  }

  @ParameterizedTest
  @MethodSource("foreignMessages")
  void v1Message_ofForeignClient_isReadAsMeant(List<String> line) {
    byte[] message = HexFormat.of().parseHex(line.get(2));
    WriterSchema v1 = v1(message, line.get(1));

    SpecificRecord read =
        v1.read(message, WireFormat.BODY_OFFSET, message.length - WireFormat.BODY_OFFSET);

    assertThat(read).isEqualTo(expected(line.get(1)));
  }

  @ParameterizedTest
  @MethodSource("foreignMessages")
  void v1Message_ofForeignClient_hasTheBytesThatWeWrite(List<String> line) throws Exception {
    byte[] message = HexFormat.of().parseHex(line.get(2));
    WalMessageType type =
        WalMessageType.ofRecordName("io.walstrata.schemas." + line.get(1)).orElseThrow();
    assertThat(v1(message, line.get(1)).isCurrent()).isTrue();

    byte[] ours = MessageWriter.of(type, WireFormat.schemaId(message)).write(expected(line.get(1)));

    assertThat(ours).isEqualTo(message);
  }

  private static WriterSchema v1(byte[] message, String record) {
    return WriterSchema.of(
        new RegisteredSchema(
            WireFormat.schemaId(message),
            "AVRO",
            Golden.text("v1/" + record + ".avsc"),
            List.of()));
  }

  private static SpecificRecord expected(String record) {
    return Messages.ALL.stream()
        .filter(message -> message.getSchema().getName().equals(record))
        .findFirst()
        .orElseThrow();
  }
}
