package io.walstrata.schemas.serde;

import java.util.List;
import org.apache.avro.Schema;

/**
 * Walks a message along its writer's schema without building anything, so that Avro's own decoder,
 * which allocates as much as a length or a count states, only reads messages that are as long as
 * they state. Each value is a step of the {@link AvroInput}, so the walk takes time in proportion
 * to the message's length at most.
 */
final class AvroBounds {
  /** Deep enough for any schema a person writes; a recursive one must not exhaust the stack. */
  static final int MAX_DEPTH = 64;

  private AvroBounds() {}

  /**
   * Skips one value.
   *
   * @throws MalformedMessageException if it is not all there, not of the schema, or of more values
   *     than the message's length explains
   */
  static void skip(Schema schema, AvroInput in) {
    skip(schema, in, 0);
  }

  private static void skip(Schema schema, AvroInput in, int depth) {
    if (depth > MAX_DEPTH) {
      throw in.malformed("message nested too deeply: most=" + MAX_DEPTH);
    }
    in.step();
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
        // By index: an iterator for each record would take far more memory than the message.
        List<Schema.Field> fields = schema.getFields();
        for (int i = 0; i < fields.size(); i++) {
          skip(fields.get(i).schema(), in, depth + 1);
        }
      }
      case ARRAY -> skipBlocks(schema.getElementType(), /* isMap= */ false, in, depth);
      case MAP -> skipBlocks(schema.getValueType(), /* isMap= */ true, in, depth);
    }
  }

  private static void skipBlocks(Schema item, boolean isMap, AvroInput in, int depth) {
    // A map's item has a key, which takes at least a byte; an array's may take none, only steps.
    int least = isMap ? 1 : 0;
    for (int count = in.readBlock(least); count > 0; count = in.readBlock(least)) {
      int end = in.blockEnd();
      for (int i = 0; i < count; i++) {
        if (isMap) {
          in.skip(in.readLength());
        }
        skip(item, in, depth + 1);
      }
      in.requireBlockEnd(end);
    }
  }
}
