package io.walstrata.schemas.serde;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * A random writer's schema of one of our messages, as text: our fields in any order, promoted, in
 * unions or left out where they may be, between others of any type.
 */
final class FuzzSchema {
  private static final String NAMESPACE = "io.walstrata.schemas";
  private static final int MAX_DEPTH = 4;

  private final Random random;
  private final boolean isHostile;
  private final Set<String> ours = new HashSet<>();
  private final List<String> closed = new ArrayList<>();
  private final List<String> open = new ArrayList<>();
  private int number;

  /**
   * @param isHostile whether also of types that only an attacker would write: records that double,
   *     deep arrays of values of no bytes
   */
  FuzzSchema(Random random, boolean isHostile) {
    this.random = random;
    this.isHostile = isHostile;
  }

  String of(WalMessageType type) {
    return known(type.schema());
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private String known(Schema schema) {
    return switch (schema.getType()) {
      case LONG ->
          pick(
              "\"long\"",
              "\"int\"",
              "[\"int\",\"long\"]",
              "[\"long\"]",
              logical("long", "timestamp-micros"));
      case INT -> pick("\"int\"", "[\"int\"]", "\"int\"", logical("int", "date"));
      case BYTES ->
          pick(
              "\"bytes\"",
              "\"string\"",
              "[\"string\",\"bytes\"]",
              logical("bytes", "no-such-type"));
      case BOOLEAN -> pick("\"boolean\"", "[\"boolean\"]");
      case FIXED -> union(named(schema, "\"type\":\"fixed\",\"size\":" + schema.getFixedSize()));
      case ENUM -> union(named(schema, "\"type\":\"enum\",\"symbols\":" + symbols(schema)));
      case ARRAY -> "{\"type\":\"array\",\"items\":" + known(schema.getElementType()) + "}";
      case RECORD ->
          schema.getName().equals("WalBatchEntry") ? union(record(schema)) : record(schema);
      default -> throw new IllegalArgumentException("no such type: " + schema);
    };
  }

  private String pick(String... texts) {
    return chance(2) ? texts[0] : texts[random.nextInt(texts.length)];
  }

  private String union(String text) {
    return chance(6) ? "[" + text + "]" : text;
  }

  private static String logical(String type, String name) {
    return "{\"type\":\"" + type + "\",\"logicalType\":\"" + name + "\"}";
  }

  /** Defines one of our types where it is used first. */
  private String named(Schema schema, String definition) {
    return ours.add(schema.getName())
        ? "{\"name\":\"" + schema.getFullName() + "\"," + definition + "}"
        : "\"" + schema.getFullName() + "\"";
  }

  private String symbols(Schema schema) {
    List<String> symbols = new ArrayList<>(schema.getEnumSymbols());
    if (chance(2)) {
      symbols.add("NEW_KIND");
    }
    Collections.shuffle(symbols, random);
    return "[\"" + String.join("\",\"", symbols) + "\"]";
  }

  private String record(Schema schema) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      if (!field.hasDefaultValue() || !chance(4)) {
        fields.add(field);
      }
    }
    if (chance(3)) {
      Collections.shuffle(fields, random);
    }
    List<String> texts = new ArrayList<>();
    for (Schema.Field field : fields) {
      more(texts);
      texts.add(field(field.name(), known(field.schema())));
    }
    more(texts);
    return "{\"type\":\"record\",\"name\":\""
        + NAMESPACE
        + "."
        + schema.getName()
        + "\",\"fields\":["
        + String.join(",", texts)
        + "]}";
  }

  private void more(List<String> fields) {
    while (chance(3)) {
      fields.add(field("x" + number++, unknown(0, /* inUnion= */ false)));
    }
  }

  private static String field(String name, String type) {
    return "{\"name\":\"" + name + "\",\"type\":" + type + "}";
  }

  /** Any type; inside an array, a map or a union also one that is being defined. */
  private String unknown(int depth, boolean inUnion) {
    if (isHostile && depth == 0 && chance(4)) {
      return chance(2) ? doubling(5 + random.nextInt(40)) : nothings(1 + random.nextInt(5));
    }
    int kind = random.nextInt(depth < MAX_DEPTH ? 14 : 8);
    return switch (kind) {
      case 0 -> "\"null\"";
      case 1 -> "\"boolean\"";
      case 2 -> "\"int\"";
      case 3 -> "\"long\"";
      case 4 -> chance(2) ? "\"float\"" : "\"double\"";
      case 5 -> chance(2) ? "\"bytes\"" : "\"string\"";
      case 6 ->
          "{\"type\":\"fixed\",\"name\":\"" + name() + "\",\"size\":" + random.nextInt(3) + "}";
      case 7 -> "{\"type\":\"enum\",\"name\":\"" + name() + "\",\"symbols\":[\"A\",\"B\"]}";
      case 8, 9 -> "{\"type\":\"array\",\"items\":" + item(depth + 1) + "}";
      case 10 -> "{\"type\":\"map\",\"values\":" + item(depth + 1) + "}";
      case 11 -> inUnion ? "\"null\"" : "[\"null\"," + item(depth + 1, true) + "]";
      case 12 ->
          closed.isEmpty() ? "\"int\"" : "\"" + closed.get(random.nextInt(closed.size())) + "\"";
      default -> unknownRecord(depth);
    };
  }

  private String item(int depth) {
    return item(depth, /* inUnion= */ false);
  }

  private String item(int depth, boolean inUnion) {
    if (!open.isEmpty() && chance(5)) {
      return "\"" + open.get(random.nextInt(open.size())) + "\"";
    }
    String type = unknown(depth, inUnion);
    return inUnion && type.equals("\"null\"") ? "\"int\"" : type;
  }

  private String unknownRecord(int depth) {
    String name = name();
    open.add(name);
    List<String> fields = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      fields.add(field("y" + number++, unknown(depth + 1, /* inUnion= */ false)));
    }
    open.remove(name);
    closed.add(name);
    return "{\"type\":\"record\",\"name\":\""
        + name
        + "\",\"fields\":["
        + String.join(",", fields)
        + "]}";
  }

  private String doubling(int levels) {
    String inner = "\"null\"";
    String name = "";
    for (int i = 0; i < levels; i++) {
      String second = name.isEmpty() ? "\"null\"" : "\"" + name + "\"";
      name = name();
      inner =
          "{\"type\":\"record\",\"name\":\""
              + name
              + "\",\"fields\":["
              + field("a", inner)
              + ","
              + field("b", second)
              + "]}";
    }
    return inner;
  }

  private String nothings(int depth) {
    String nothing =
        switch (random.nextInt(3)) {
          case 0 -> "\"null\"";
          case 1 -> "{\"type\":\"record\",\"name\":\"" + name() + "\",\"fields\":[]}";
          default -> "{\"type\":\"fixed\",\"name\":\"" + name() + "\",\"size\":0}";
        };
    return "{\"type\":\"array\",\"items\":".repeat(depth) + nothing + "}".repeat(depth);
  }

  private String name() {
    return "fuzz.N" + number++;
  }
}
