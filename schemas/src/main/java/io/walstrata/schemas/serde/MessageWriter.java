package io.walstrata.schemas.serde;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Writes messages of one type under one schema id. Thread-safe. */
final class MessageWriter {
  private static final int FIRST_CAPACITY = 512;

  private final WalMessageType type;
  private final int schemaId;
  private final DatumWriter<SpecificRecord> writer;

  /** The schema to write with; null for ours. */
  private final @Nullable Schema other;

  private MessageWriter(WalMessageType type, int schemaId, @Nullable Schema other) {
    this.type = type;
    this.schemaId = schemaId;
    this.writer = new SpecificDatumWriter<>(type.schema(), WalModel.INSTANCE);
    this.other = other;
  }

  /** Returns a writer that uses our own schema, which the registry has under this id. */
  static MessageWriter of(WalMessageType type, int schemaId) {
    return new MessageWriter(type, schemaId, null);
  }

  /**
   * Returns a writer that uses a schema from the registry.
   *
   * @throws SchemaRefusedException if our messages cannot be resolved to it
   */
  static MessageWriter of(WalMessageType type, RegisteredSchema registered) {
    Schema schema = WriterSchema.parse(registered);
    if (type.hasSameBytesAs(schema)) {
      return of(type, registered.id());
    }
    SchemaCompatibility.SchemaPairCompatibility verdict =
        SchemaCompatibility.checkReaderWriterCompatibility(schema, type.schema());
    if (verdict.getType() != SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE) {
      throw new SchemaRefusedException(
          "our messages do not resolve to the subject's latest schema: schemaId="
              + registered.id()
              + ", because="
              + verdict.getResult().getIncompatibilities()
              + "; set "
              + WalSerdeConfig.USE_LATEST
              + "=false",
          null);
    }
    return new MessageWriter(type, registered.id(), schema);
  }

  byte[] write(SpecificRecord message) throws IOException {
    FramedOutput out = new FramedOutput();
    // Unbuffered: a batch's raw bytes are copied once, into the message.
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    if (other == null) {
      writer.write(message, encoder);
    } else {
      new GenericDatumWriter<GenericRecord>(other).write(resolved(message, other), encoder);
    }
    encoder.flush();
    return out.framed(schemaId);
  }

  /** Returns the message in another schema: written and read again, as a reader would. */
  private GenericRecord resolved(SpecificRecord message, Schema target) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(FIRST_CAPACITY);
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    writer.write(message, encoder);
    encoder.flush();
    return new GenericDatumReader<GenericRecord>(type.schema(), target)
        .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
  }

  /** Grows, with room for the framing at its start. */
  private static final class FramedOutput extends ByteArrayOutputStream {
    FramedOutput() {
      super(FIRST_CAPACITY);
      count = WireFormat.BODY_OFFSET;
    }

    byte[] framed(int schemaId) {
      byte[] message = toByteArray();
      WireFormat.writeHeader(message, schemaId);
      return message;
    }
  }
}
