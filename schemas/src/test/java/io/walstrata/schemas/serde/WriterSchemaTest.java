package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class WriterSchemaTest {
  private static final String TIMELINE_FIELD =
      "{\"name\":\"timeline\",\"type\":{\"type\":\"fixed\",\"name\":\"WalTimelineId\",\"size\":16}}";

  private static WriterSchema of(String text) {
    return WriterSchema.of(new RegisteredSchema(7, "AVRO", text, List.of()));
  }

  private static String progress(String... fields) {
    return "{\"type\":\"record\",\"name\":\"WalProgress\",\"namespace\":\"io.walstrata.schemas\","
        + "\"fields\":["
        + String.join(",", fields)
        + "]}";
  }

  @FunctionalInterface
  private interface Content {
    void writeTo(BinaryEncoder encoder) throws IOException;
  }

  private static byte[] encoded(Content content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      content.writeTo(encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"WalRecord", "WalBatch"})
  void read_messageOfOlderSchema_getsDefault(String record) {
    WriterSchema older = of(Golden.text("older/" + record + ".avsc"));
    byte[] bytes = OlderMessages.bytes(record);

    assertThat(older.isCurrent()).isFalse();
    assertThat(older.read(bytes, 0, bytes.length)).isEqualTo(OlderMessages.expected(record));
  }

  @Test
  void read_messageOfNewerSchema_skipsUnknownFields() {
    WriterSchema newer =
        of(
            progress(
                "{\"name\":\"note\",\"type\":[\"null\",\"string\"]}",
                TIMELINE_FIELD,
                "{\"name\":\"tags\",\"type\":{\"type\":\"map\",\"values\":\"double\"}}",
                "{\"name\":\"lsn\",\"type\":\"int\"}",
                "{\"name\":\"more\",\"type\":{\"type\":\"array\",\"items\":\"float\"}}"));
    byte[] bytes =
        encoded(
            out -> {
              out.writeIndex(1);
              out.writeString("hello");
              out.writeFixed(Messages.timeline().bytes());
              out.writeMapStart();
              out.setItemCount(1);
              out.writeString("a");
              out.writeDouble(1.5);
              out.writeMapEnd();
              out.writeInt(42);
              out.writeArrayStart();
              out.setItemCount(2);
              out.writeFloat(1);
              out.writeFloat(2);
              out.writeArrayEnd();
            });

    assertThat(newer.read(bytes, 0, bytes.length))
        .isEqualTo(new WalProgress(Messages.timeline(), 42L));
    for (int cut = 0; cut < bytes.length; cut++) {
      int length = cut;
      assertThatThrownBy(() -> newer.read(bytes, 0, length))
          .as("length %d", length)
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isCurrent_sameSchemaWithoutDocumentation(WalMessageType type) {
    String canonical = org.apache.avro.SchemaNormalization.toParsingForm(type.schema());

    WriterSchema schema = of(canonical);

    assertThat(canonical).doesNotContain("doc");
    assertThat(schema.isCurrent()).isTrue();
    assertThat(schema.type()).isEqualTo(type);
  }

  @Test
  void of_schemaThatRefersToOthers_resolvesThem() {
    String timeline =
        "{\"type\":\"fixed\",\"name\":\"io.walstrata.schemas.WalTimelineId\",\"size\":16}";
    RegisteredSchema registered =
        new RegisteredSchema(
            7,
            "AVRO",
            progress(
                "{\"name\":\"timeline\",\"type\":\"WalTimelineId\"}",
                "{\"name\":\"lsn\",\"type\":\"long\"}"),
            List.of(timeline));

    assertThat(WriterSchema.of(registered).isCurrent()).isTrue();
  }

  @Test
  void of_otherFormat_isForeign() {
    assertThatThrownBy(
            () -> WriterSchema.of(new RegisteredSchema(7, "PROTOBUF", "message A {}", List.of())))
        .isInstanceOf(ForeignSchemaException.class)
        .hasMessageContaining("schemaId=7, type=PROTOBUF");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"string\"",
        "{\"type\":\"record\",\"name\":\"WalProgress\",\"fields\":[]}",
        "{\"type\":\"record\",\"name\":\"io.other.WalProgress\",\"fields\":[]}",
        "{\"type\":\"fixed\",\"name\":\"io.walstrata.schemas.WalTimelineId\",\"size\":16}",
        "{\"type\":\"record\",\"name\":\"io.walstrata.schemas.WalBatchEntry\",\"fields\":[]}",
        "{\"type\":\"enum\",\"name\":\"io.walstrata.schemas.WalProgress\",\"symbols\":[\"A\"]}",
        "[\"null\",\"string\"]",
        "",
        "{",
        "{}",
        "null",
        "{\"type\":\"record\",\"name\":\"io.walstrata.schemas.WalProgress\"}",
        "{\"type\":\"record\",\"name\":\"a b\",\"fields\":[]}",
        "{\"type\":\"NoSuchType\"}"
      })
  void of_schemaOfSomethingElse_isForeign(String text) {
    assertThatThrownBy(() -> of(text))
        .isInstanceOf(ForeignSchemaException.class)
        .hasMessageContaining("schemaId=7");
  }

  @Test
  void of_fieldOfOtherType_isIncompatible() {
    assertThatThrownBy(() -> of(progress(TIMELINE_FIELD, "{\"name\":\"lsn\",\"type\":\"string\"}")))
        .isInstanceOf(IncompatibleSchemaException.class)
        .hasMessageContaining("schemaId=7")
        .hasMessageContaining("/fields/1/type");
  }

  @Test
  void of_missingFieldWithoutDefault_isIncompatible() {
    assertThatThrownBy(() -> of(progress(TIMELINE_FIELD)))
        .isInstanceOf(IncompatibleSchemaException.class)
        .hasMessageContaining("lsn");
  }

  @Test
  void of_timelineOfOtherSize_isIncompatible() {
    String field = TIMELINE_FIELD.replace("16", "20");

    assertThatThrownBy(() -> of(progress(field, "{\"name\":\"lsn\",\"type\":\"long\"}")))
        .isInstanceOf(IncompatibleSchemaException.class);
  }

  @Test
  void of_recursiveSchema_cannotExhaustTheStack() {
    WriterSchema schema =
        of(
            progress(
                TIMELINE_FIELD,
                "{\"name\":\"lsn\",\"type\":\"long\"}",
                "{\"name\":\"next\",\"type\":[\"null\",\"WalProgress\"]}"));
    byte[] bytes =
        encoded(
            out -> {
              for (int i = 0; i < 100_000; i++) {
                out.writeFixed(Messages.timeline().bytes());
                out.writeLong(i);
                out.writeIndex(i == 99_999 ? 0 : 1);
              }
            });

    assertThatThrownBy(() -> schema.read(bytes, 0, bytes.length))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("nested too deeply");
  }

  @Test
  void read_enumSymbolThatWeLack_spoilsThatMessageOnly() {
    Schema ours = WalMessageType.RECORD.schema();
    String newer = ours.toString().replace("\"WAL_RECORD\"]", "\"WAL_RECORD\",\"NEW_KIND\"]");
    assertThat(newer).contains("NEW_KIND");
    WriterSchema schema = of(newer);

    byte[] known = encoded(out -> writeRecord(out, 1));
    assertThat(schema.read(known, 0, known.length)).isInstanceOf(WalRecord.class);
    byte[] unknown = encoded(out -> writeRecord(out, 2));
    assertThatThrownBy(() -> schema.read(unknown, 0, unknown.length))
        .isInstanceOf(IncompatibleSchemaException.class)
        .hasMessageContaining("NEW_KIND");
  }

  private static void writeRecord(BinaryEncoder out, int kind) throws IOException {
    out.writeFixed(Messages.timeline().bytes());
    out.writeLong(1);
    out.writeFixed(Messages.key(1).bytes());
    out.writeEnum(kind);
    out.writeBoolean(false);
    out.writeBytes(new byte[3]);
  }
}
