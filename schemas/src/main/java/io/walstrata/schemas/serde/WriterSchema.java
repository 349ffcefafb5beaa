package io.walstrata.schemas.serde;

import java.io.IOException;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaIncompatibilityType;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;
import org.apache.avro.SchemaParseException;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;

/**
 * The schema that a message was written with, ready to read messages by: fields that it lacks get
 * our defaults, fields that we lack are passed over, as Avro's schema resolution has it.
 * Thread-safe.
 */
public final class WriterSchema {
  private static final String AVRO = "AVRO";

  private final WalMessageType type;
  private final Schema writer;
  private final boolean current;

  /** Thread-safe: it keeps its state per thread. */
  private final SpecificDatumReader<SpecificRecord> reader;

  private WriterSchema(WalMessageType type, Schema writer) {
    this.type = type;
    this.writer = writer;
    this.current = type.hasSameBytesAs(writer);
    this.reader = new SpecificDatumReader<>(writer, type.schema(), WalModel.INSTANCE);
  }

  /**
   * Resolves a registered schema.
   *
   * @throws ForeignSchemaException if it is not the schema of a WAL message
   * @throws IncompatibleSchemaException if it cannot be resolved to ours
   */
  public static WriterSchema of(RegisteredSchema registered) {
    if (!registered.type().equals(AVRO)) {
      throw new ForeignSchemaException(
          "not an Avro schema: schemaId=" + registered.id() + ", type=" + registered.type());
    }
    Schema writer = parse(registered);
    Optional<WalMessageType> type =
        writer.getType() == Schema.Type.RECORD
            ? WalMessageType.ofRecordName(writer.getFullName())
            : Optional.empty();
    if (type.isEmpty()) {
      throw new ForeignSchemaException(
          "not the schema of a WAL message: schemaId="
              + registered.id()
              + ", name="
              + writer.getFullName());
    }
    requireCompatible(registered.id(), type.get(), writer);
    return new WriterSchema(type.get(), writer);
  }

  /** Parses a schema with those that it refers to. */
  static Schema parse(RegisteredSchema registered) {
    try {
      // Defaults are the reader's business; other libraries let wrong ones pass.
      Schema.Parser parser = new Schema.Parser().setValidateDefaults(false);
      registered.references().forEach(parser::parse);
      return parser.parse(registered.text());
    } catch (SchemaParseException e) {
      throw new ForeignSchemaException(
          "schema cannot be parsed: schemaId=" + registered.id() + ", error=" + e.getMessage(), e);
    } catch (AvroRuntimeException e) {
      throw new ForeignSchemaException(
          "schema is not valid: schemaId=" + registered.id() + ", error=" + e.getMessage(), e);
    }
  }

  private static void requireCompatible(int id, WalMessageType type, Schema writer) {
    SchemaPairCompatibility verdict =
        SchemaCompatibility.checkReaderWriterCompatibility(type.schema(), writer);
    // An enum symbol that we lack spoils the messages that have it, not all others.
    if (verdict.getResult().getIncompatibilities().stream()
        .anyMatch(each -> each.getType() != SchemaIncompatibilityType.MISSING_ENUM_SYMBOLS)) {
      throw new IncompatibleSchemaException(
          "schema does not resolve to ours: schemaId="
              + id
              + ", name="
              + type.recordName()
              + ", because="
              + verdict.getResult().getIncompatibilities());
    }
  }

  /** Returns which message it is the schema of. */
  public WalMessageType type() {
    return type;
  }

  /**
   * Returns whether its messages have the very bytes of our own schema, so that they can be read
   * field by field without resolution.
   */
  public boolean isCurrent() {
    return current;
  }

  /**
   * Reads one message.
   *
   * @param offset where the Avro binary starts, behind the framing
   * @throws MalformedMessageException if the bytes are not exactly one message of this schema
   * @throws IncompatibleSchemaException if it has a value that our schema lacks, such as a new enum
   *     symbol
   */
  public SpecificRecord read(byte[] bytes, int offset, int length) {
    AvroInput in = new AvroInput();
    in.reset(bytes, offset, length);
    AvroBounds.skip(writer, in);
    in.requireEnd();
    try {
      return reader.read(null, DecoderFactory.get().binaryDecoder(bytes, offset, length, null));
    } catch (IOException | RuntimeException e) {
      // The walk above passed, so the bytes are whole: what is left is a value that our schema
      // does not have, such as an enum symbol.
      throw new IncompatibleSchemaException(
          "message does not resolve to our schema: name=" + type.recordName() + ", error=" + e, e);
    }
  }
}
