package io.walstrata.ingest.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request. One that cannot be decoded, is repeated, or is unknown is refused: a
 * mistyped parameter must not be taken for a request without it.
 */
final class QueryParameters {
  private final Map<String, String> values = new TreeMap<>();

  /**
   * @param query as it is in the URI, without the question mark; null for none
   * @param known the names that the path has
   */
  QueryParameters(@Nullable String query, List<String> known) {
    if (query == null) {
      return;
    }
    for (String part : query.split("&", -1)) {
      if (!part.isEmpty()) {
        add(part, known);
      }
    }
  }

  private void add(String part, List<String> known) {
    int equals = part.indexOf('=');
    String name = decoded(equals < 0 ? part : part.substring(0, equals));
    if (!known.contains(name)) {
      throw Errors.badParameter("unknown parameter: name=" + name + ", known=" + known);
    }
    String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
    if (values.put(name, value) != null) {
      throw Errors.badParameter("repeated parameter: name=" + name);
    }
  }

  private static String decoded(String text) {
    try {
      return decode(text.replace('+', ' '));
    } catch (IllegalArgumentException e) {
      throw Errors.badParameter(
          "the query cannot be decoded, write a percent sign as %25: text=" + text);
    }
  }

  /** Returns the value, or null if there is none. */
  @Nullable String get(String name) {
    return values.get(name);
  }

  /**
   * Decodes percent encoding of UTF-8.
   *
   * @throws IllegalArgumentException if the text is not encoded so
   */
  static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        if (i + 2 >= text.length()) {
          throw new IllegalArgumentException("percent sign without two digits");
        }
        bytes.write(digit(text.charAt(i + 1)) << 4 | digit(text.charAt(i + 2)));
        i += 2;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("not UTF-8", e);
    }
  }

  private static int digit(char c) {
    return java.util.HexFormat.fromHexDigit(c);
  }
}
