package io.walstrata.schemas.serde;

import java.util.List;
import org.apache.avro.Schema;

/**
 * Walks a message along its writer's schema without building anything, so that Avro's own decoder,
 * which allocates what a length or a count claims, only ever sees messages that hold what they
 * claim.
 */
final class AvroBounds {
  /** Deep enough for any schema a person writes; a recursive one must not exhaust the stack. */
  private static final int MAX_DEPTH = 64;

  private AvroBounds() {}

  /**
   * Passes over one value.
   *
   * @throws MalformedMessageException if it is not all there, or not of the schema
   */
  static void skip(Schema schema, AvroInput in) {
    skip(schema, in, 0);
  }

  private static void skip(Schema schema, AvroInput in, int depth) {
    if (depth > MAX_DEPTH) {
      throw in.malformed("message nested too deeply: most=" + MAX_DEPTH);
    }
    switch (schema.getType()) {
      case NULL -> {}
      case BOOLEAN -> in.readBoolean();
      case INT -> in.readInt();
      case LONG -> in.readLong();
      case FLOAT -> in.skip(Float.BYTES);
      case DOUBLE -> in.skip(Double.BYTES);
      case BYTES, STRING -> in.skip(in.readLength());
      case FIXED -> in.skip(schema.getFixedSize());
      case ENUM -> in.readIndex(schema.getEnumSymbols().size());
      case UNION -> {
        List<Schema> branches = schema.getTypes();
        skip(branches.get(in.readIndex(branches.size())), in, depth + 1);
      }
      case RECORD -> {
        for (Schema.Field field : schema.getFields()) {
          skip(field.schema(), in, depth + 1);
        }
      }
      case ARRAY -> skipBlocks(schema.getElementType(), /* isMap= */ false, in, depth);
      case MAP -> skipBlocks(schema.getValueType(), /* isMap= */ true, in, depth);
    }
  }

  private static void skipBlocks(Schema item, boolean isMap, AvroInput in, int depth) {
    // One byte is what an item takes at least, unless it is made of nulls alone: an array of
    // nothing that is longer than the message is refused with the bombs.
    for (int count = in.readBlock(1); count > 0; count = in.readBlock(1)) {
      for (int i = 0; i < count; i++) {
        if (isMap) {
          in.skip(in.readLength());
        }
        skip(item, in, depth + 1);
      }
    }
  }
}
