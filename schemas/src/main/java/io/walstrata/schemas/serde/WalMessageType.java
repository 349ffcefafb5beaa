package io.walstrata.schemas.serde;

import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTombstone;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificRecord;

/** The types of message of a WAL topic, distinguished by the full name of their Avro record. */
public enum WalMessageType {
  RECORD(WalRecord.getClassSchema()),
  BATCH(WalBatch.getClassSchema()),
  TOMBSTONE(WalTombstone.getClassSchema()),
  PROGRESS(WalProgress.getClassSchema());

  // A schema is only ever read here.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Schema schema;

  private final String canonicalForm;

  WalMessageType(Schema schema) {
    this.schema = schema;
    this.canonicalForm = SchemaNormalization.toParsingForm(schema);
  }

  /** Returns the schema of the generated class, with every type it uses inside. */
  public Schema schema() {
    return schema;
  }

  /** Returns the full name of the record, such as {@code io.walstrata.schemas.WalBatch}. */
  public String recordName() {
    return schema.getFullName();
  }

  /**
   * Returns whether messages of a schema have the very bytes that {@link #schema()} gives: equal in
   * Avro's parsing canonical form, which leaves out documentation and defaults.
   */
  public boolean hasSameBytesAs(Schema other) {
    return canonicalForm.equals(SchemaNormalization.toParsingForm(other));
  }

  /** Returns the type with this full record name; empty if it is none of ours. */
  public static Optional<WalMessageType> ofRecordName(String fullName) {
    for (WalMessageType type : values()) {
      if (type.recordName().equals(fullName)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Returns a message's type; empty if it is none of ours. */
  public static Optional<WalMessageType> of(SpecificRecord message) {
    return ofRecordName(message.getSchema().getFullName());
  }
}
