package io.walstrata.schemas.serde;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.Schema;

/** Files of {@code src/test/resources/golden}. */
final class Golden {
  private Golden() {}

  static String text(String name) {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("no such golden file: name=" + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Schema schema(String name) {
    return new Schema.Parser().parse(text(name));
  }

  /** Returns the fields of each line that is no comment. */
  static List<List<String>> lines(String name) {
    return text(name)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> List.of(line.split(" ", -1)))
        .toList();
  }
}
