package io.walstrata.schemas.serde;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;

/** Random messages of a schema: whole ones, and bytes that are none. */
final class FuzzMessage {
  private static final int FULL = 4_000;
  private static final int MAX_DEPTH = 12;
  private static final int MAX_VALUES = 3_000;

  private final Random random;
  private int values;

  /** The message has more values than can be written. */
  static final class TooManyValuesException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  FuzzMessage(Random random) {
    this.random = random;
  }

  /** Returns a message; blocks with and without their length in bytes. */
  byte[] whole(Schema schema) throws TooManyValuesException {
    values = 0;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(schema, out, 0);
    return out.toByteArray();
  }

  private void write(Schema schema, ByteArrayOutputStream out, int depth)
      throws TooManyValuesException {
    if (++values > MAX_VALUES || depth > 2 * MAX_DEPTH) {
      throw new TooManyValuesException();
    }
    switch (schema.getType()) {
      case NULL -> {}
      case BOOLEAN -> out.write(random.nextInt(2));
      case INT -> writeLong(random.nextInt() >> random.nextInt(32), out);
      case LONG -> writeLong(random.nextLong() >> random.nextInt(64), out);
      case FLOAT -> writeBytes(Float.BYTES, out);
      case DOUBLE -> writeBytes(Double.BYTES, out);
      case FIXED -> writeBytes(schema.getFixedSize(), out);
      case BYTES, STRING -> {
        int length = random.nextInt(random.nextInt(10) == 0 ? 300 : 10);
        writeLong(length, out);
        writeBytes(length, out);
      }
      case ENUM -> writeLong(random.nextInt(schema.getEnumSymbols().size()), out);
      case UNION -> {
        List<Schema> branches = schema.getTypes();
        int branch = depth > MAX_DEPTH ? 0 : random.nextInt(branches.size());
        writeLong(branch, out);
        write(branches.get(branch), out, depth + 1);
      }
      case RECORD -> {
        for (Schema.Field field : schema.getFields()) {
          write(field.schema(), out, depth + 1);
        }
      }
      case ARRAY -> writeBlocks(schema.getElementType(), /* isMap= */ false, out, depth);
      case MAP -> writeBlocks(schema.getValueType(), /* isMap= */ true, out, depth);
    }
  }

  private void writeBlocks(Schema item, boolean isMap, ByteArrayOutputStream out, int depth)
      throws TooManyValuesException {
    for (int block = random.nextInt(3); block > 0 && depth < MAX_DEPTH; block--) {
      if (out.size() > FULL) {
        break;
      }
      int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 100 : 3);
      ByteArrayOutputStream items = new ByteArrayOutputStream();
      for (int i = 0; i < count; i++) {
        if (isMap) {
          writeLong(1, items);
          writeBytes(1, items);
        }
        write(item, items, depth + 1);
      }
      if (random.nextBoolean()) {
        writeLong(-count, out);
        writeLong(items.size(), out);
      } else {
        writeLong(count, out);
      }
      out.writeBytes(items.toByteArray());
    }
    out.write(0);
  }

  private void writeBytes(int count, ByteArrayOutputStream out) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    out.writeBytes(bytes);
  }

  static void writeLong(long value, ByteArrayOutputStream out) {
    long left = value << 1 ^ value >> 63;
    for (; (left & ~0x7FL) != 0; left >>>= 7) {
      out.write((int) (left & 0x7F | 0x80));
    }
    out.write((int) left);
  }

  /** Returns bytes that claim much: what is there is changed, cut, or followed by a pattern. */
  byte[] hostile(byte[] whole) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(whole, 0, random.nextInt(whole.length + 1));
    if (random.nextInt(3) > 0) {
      ByteArrayOutputStream pattern = new ByteArrayOutputStream();
      for (int i = random.nextInt(3); i >= 0; i--) {
        writeLong(
            (random.nextLong() >> 63 | 1) * (1L << random.nextInt(20)) - random.nextInt(2),
            pattern);
      }
      int length = 1 << random.nextInt(16);
      while (out.size() < length) {
        out.writeBytes(pattern.toByteArray());
      }
    } else {
      out.writeBytes(whole);
    }
    byte[] bytes = out.toByteArray();
    for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }
}
