package io.walstrata.schemas.serde;

import java.util.Arrays;
import java.util.List;
import org.apache.avro.SchemaFormatter;

/** The schemas as text, for producers in other languages. */
public final class WalSchemas {
  private WalSchemas() {}

  /** Returns the simple names of the messages: {@code WalRecord}, {@code WalBatch} and so on. */
  public static List<String> names() {
    return Arrays.stream(WalMessageType.values()).map(type -> type.schema().getName()).toList();
  }

  /**
   * Returns a message's schema as indented JSON. It is self-contained: every type it uses is
   * defined in it, so it can be parsed and registered as it is.
   *
   * @param name the simple or the full name of the message
   * @throws IllegalArgumentException if there is no such message
   */
  public static String text(String name) {
    for (WalMessageType type : WalMessageType.values()) {
      if (type.schema().getName().equals(name) || type.recordName().equals(name)) {
        return SchemaFormatter.format("json/pretty", type.schema());
      }
    }
    throw new IllegalArgumentException(
        "no such message: name=" + name + ", messages=" + String.join(", ", names()));
  }
}
