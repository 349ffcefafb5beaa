package io.walstrata.schemas.serde;

import java.util.List;

/**
 * A schema in a registry.
 *
 * @param id the registry's id, which messages carry
 * @param type {@code AVRO}, or another format that the registry also keeps
 * @param text the schema's text
 * @param references the texts of the schemas that it refers to by name, each after those that it
 *     needs itself; usually empty
 */
public record RegisteredSchema(int id, String type, String text, List<String> references) {
  public RegisteredSchema {
    references = List.copyOf(references);
  }

  /** Returns the length of all its texts together, in characters. */
  long chars() {
    return text.length() + references.stream().mapToLong(String::length).sum();
  }
}
