package io.walstrata.schemas.serde;

import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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
 * our defaults, fields that we lack are skipped, as Avro's schema resolution defines. Thread-safe.
 *
 * <p>A message has at most 8 values for each of its bytes and 20,000 more, values of no bytes
 * included; a message of more values is malformed.
 */
public final class WriterSchema {
  /**
   * The longest schema that is resolved, in characters, with all that it refers to. Ours have less
   * than 2,000.
   */
  public static final int MAX_CHARS = 128 << 10;

  /**
   * The most schemas that a schema refers to, directly or not: parsing takes time that grows faster
   * than the square of their number.
   */
  public static final int MAX_REFERENCES = 100;

  private static final String AVRO = "AVRO";

  private final WalMessageType type;
  private final boolean current;
  private final KnownParts known;
  private final BooleanSupplier isStopped;

  /** Thread-safe: it keeps its state per thread. */
  private final SpecificDatumReader<SpecificRecord> reader;

  private WriterSchema(WalMessageType type, Schema writer, BooleanSupplier isStopped) {
    this.type = type;
    this.current = type.hasSameBytesAs(writer);
    this.known = KnownParts.of(writer, type.schema());
    this.isStopped = isStopped;
    this.reader = new SpecificDatumReader<>(known.schema(), type.schema(), WalModel.INSTANCE);
  }

  /**
   * Resolves a registered schema.
   *
   * @throws ForeignSchemaException if it is not the schema of a WAL message, longer than {@link
   *     #MAX_CHARS}, or refers to more than {@link #MAX_REFERENCES} others
   * @throws IncompatibleSchemaException if it cannot be resolved to ours
   */
  public static WriterSchema of(RegisteredSchema registered) {
    return of(registered, () -> false);
  }

  /**
   * Resolves a registered schema as {@link #of(RegisteredSchema)} does.
   *
   * @param isStopped whether {@link #read} is to give up; called by the threads that read
   */
  static WriterSchema of(RegisteredSchema registered, BooleanSupplier isStopped) {
    try {
      return resolve(registered, isStopped);
    } catch (BadMessageException e) {
      throw e;
    } catch (RuntimeException e) {
      // What fails on this schema fails each time: it must not stop the reader.
      throw new ForeignSchemaException(
          "schema cannot be resolved: schemaId=" + registered.id() + ", error=" + e, e);
    } catch (StackOverflowError e) {
      throw new ForeignSchemaException(
          "schema nested too deeply: schemaId=" + registered.id() + ", chars=" + registered.chars(),
          null);
    }
  }

  private static WriterSchema resolve(RegisteredSchema registered, BooleanSupplier isStopped) {
    if (!registered.type().equals(AVRO)) {
      throw new ForeignSchemaException(
          "not an Avro schema: schemaId=" + registered.id() + ", type=" + registered.type());
    }
    if (registered.chars() > MAX_CHARS) {
      throw new ForeignSchemaException(
          "schema too long: schemaId="
              + registered.id()
              + ", chars="
              + registered.chars()
              + ", most="
              + MAX_CHARS);
    }
    if (registered.references().size() > MAX_REFERENCES) {
      throw new ForeignSchemaException(
          "the schema refers to too many others: schemaId="
              + registered.id()
              + ", references="
              + registered.references().size()
              + ", most="
              + MAX_REFERENCES);
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
    return new WriterSchema(type.get(), writer, isStopped);
  }

  /** Parses a schema with those that it refers to. */
  static Schema parse(RegisteredSchema registered) {
    try {
      // Only the reader's defaults are used, and other libraries accept wrong ones.
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
    // An enum symbol that we lack makes the messages bad that have it, and no others.
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

  /** Returns the type of message that it is the schema of. */
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
   * @param offset where the Avro binary starts, after the framing
   * @throws MalformedMessageException if the bytes are not exactly one message of this schema, or
   *     it has more values than its length explains
   * @throws IncompatibleSchemaException if it has a value that our schema lacks, such as a new enum
   *     symbol
   * @throws ReadingStoppedException if the {@link WriterSchemas} that it is from was closed
   * @throws org.apache.kafka.common.errors.InterruptException if the thread was interrupted
   */
  public SpecificRecord read(byte[] bytes, int offset, int length) {
    AvroInput in = new AvroInput(isStopped);
    in.reset(bytes, offset, length);
    return read(in);
  }

  SpecificRecord read(AvroInput in) {
    KnownParts.Copy copy = known.copy(in);
    try {
      return reader.read(
          null, DecoderFactory.get().binaryDecoder(copy.bytes(), 0, copy.length(), null));
    } catch (IOException | RuntimeException e) {
      // The copy has been checked, so the bytes are whole: what remains is a value that our schema
      // does not have, such as an enum symbol.
      throw new IncompatibleSchemaException(
          "message does not resolve to our schema: name=" + type.recordName() + ", error=" + e, e);
    }
  }
}
