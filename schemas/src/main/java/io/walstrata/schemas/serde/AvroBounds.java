package io.walstrata.schemas.serde;

import java.util.List;
import org.apache.avro.Schema;

/**
 * Walks a message along its writer's schema without building anything, so that Avro's own decoder,
 * which allocates what a length or a count claims, only ever sees messages that hold what they
 * claim. Each value is a step of the {@link AvroInput}, so the walk is as long as the message at
 * most, times a constant.
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
        // By index: an iterator for each of so many records would be memory that nothing explains.
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
    // A map's item has a key, which takes a byte at least; an array's may take nothing but its
    // steps.
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
