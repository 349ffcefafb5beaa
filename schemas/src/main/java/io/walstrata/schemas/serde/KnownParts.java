package io.walstrata.schemas.serde;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The parts of a writer's messages that our schema knows: copies them out of a message, so that
 * Avro's schema resolution sees nothing else. Immutable.
 */
final class KnownParts {
  /*
   * The fields of a writer's schema that ours lacks may be anything: records that double at each
   * level, blocks that state a wrong length, arrays of empty values. Avro's decoder skips them by
   * other rules than those of AvroBounds, and prepares for them at a cost that can be exponential in
   * the schema's length. The copy has only our own few types, or those that resolve to them, and is
   * never longer than the message.
   */

  private final Schema schema;
  private final Part part;

  private KnownParts(Schema schema, Part part) {
    this.schema = schema;
    this.part = part;
  }

  /**
   * Returns the parts of a writer's messages that a reader's schema has.
   *
   * @param writer resolves to {@code reader}
   * @param reader without unions, maps and aliases, as ours are
   */
  static KnownParts of(Schema writer, Schema reader) {
    return switch (writer.getType()) {
      case UNION -> union(writer, reader);
      case RECORD -> record(writer, reader);
      case ARRAY -> {
        KnownParts item = of(writer.getElementType(), reader.getElementType());
        yield new KnownParts(Schema.createArray(item.schema), new Blocks(item.part));
      }
      default -> new KnownParts(writer, new Whole(writer));
    };
  }

  private static KnownParts union(Schema writer, Schema reader) {
    List<KnownParts> branches =
        writer.getTypes().stream().map(branch -> of(branch, reader)).toList();
    return new KnownParts(
        Schema.createUnion(branches.stream().map(branch -> branch.schema).toList()),
        new Branches(branches.stream().map(branch -> branch.part).toList()));
  }

  private static KnownParts record(Schema writer, Schema reader) {
    List<Schema.Field> known = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    for (Schema.Field field : writer.getFields()) {
      Schema.Field ours = reader.getField(field.name());
      if (ours == null) {
        parts.add(new Unknown(field.schema()));
      } else {
        KnownParts value = of(field.schema(), ours.schema());
        known.add(new Schema.Field(field.name(), value.schema));
        parts.add(value.part);
      }
    }
    Schema pruned =
        Schema.createRecord(
            writer.getName(), /* doc= */ null, writer.getNamespace(), /* isError= */ false, known);
    return new KnownParts(pruned, new Fields(List.copyOf(parts)));
  }

  /** Returns the schema of what {@link #copy} returns: the writer's, without what ours lacks. */
  Schema schema() {
    return schema;
  }

  /**
   * Reads a message and returns the parts of it that our schema has, no longer than the message.
   *
   * @throws MalformedMessageException if the bytes are not exactly one message
   */
  Copy copy(AvroInput in) {
    Copy copy = new Copy(new byte[in.remaining()]);
    part.copy(in, copy);
    in.requireEnd();
    return copy;
  }

  /** The bytes that have been copied. */
  static final class Copy {
    private final byte[] bytes;
    private int length;

    private Copy(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }

    int length() {
      return length;
    }

    private void add(AvroInput in, int from) {
      int count = in.position() - from;
      in.copy(from, bytes, length, count);
      length += count;
    }

    /** Writes a count, which is not negative, as Avro writes a long. */
    private void add(int count) {
      long left = 2L * count;
      for (; left >= 0x80; left >>>= 7) {
        bytes[length++] = (byte) (left | 0x80);
      }
      bytes[length++] = (byte) left;
    }
  }

  private sealed interface Part permits Whole, Unknown, Fields, Branches, Blocks {
    void copy(AvroInput in, Copy out);
  }

  private record Whole(Schema schema) implements Part {
    @Override
    public void copy(AvroInput in, Copy out) {
      int from = in.position();
      AvroBounds.skip(schema, in);
      out.add(in, from);
    }
  }

  private record Unknown(Schema schema) implements Part {
    @Override
    public void copy(AvroInput in, Copy out) {
      AvroBounds.skip(schema, in);
    }
  }

  private record Fields(List<Part> parts) implements Part {
    @Override
    public void copy(AvroInput in, Copy out) {
      in.step();
      for (int i = 0; i < parts.size(); i++) {
        parts.get(i).copy(in, out);
      }
    }
  }

  private record Branches(List<Part> parts) implements Part {
    @Override
    public void copy(AvroInput in, Copy out) {
      in.step();
      int from = in.position();
      Part branch = parts.get(in.readIndex(parts.size()));
      out.add(in, from);
      branch.copy(in, out);
    }
  }

  private record Blocks(Part item) implements Part {
    @Override
    public void copy(AvroInput in, Copy out) {
      in.step();
      int count;
      do {
        count = in.readBlock(1);
        int end = in.blockEnd();
        // The length, if there is one, is that of the items before parts of them are left out.
        out.add(count);
        for (int i = 0; i < count; i++) {
          item.copy(in, out);
        }
        in.requireBlockEnd(end);
      } while (count > 0);
    }
  }
}
