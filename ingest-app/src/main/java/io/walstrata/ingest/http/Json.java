package io.walstrata.ingest.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** The one mapper of JSON, and the interface's answers as JSON. */
public final class Json {
  /** Ignores fields that a class does not have: a newer program may have written them. */
  public static final ObjectMapper MAPPER =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private Json() {}

  /**
   * Returns JSON without line breaks.
   *
   * @param value a record or a map of plain values
   */
  public static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no JSON form: value=" + value, e);
    }
  }

  static byte[] bytes(Object value) {
    return text(value).getBytes(StandardCharsets.UTF_8);
  }

  /** Returns a JSON array between two texts, in pieces that are made one by one. */
  static <T> Iterator<byte[]> array(
      String before, Iterable<T> items, Function<T, Object> toJson, String after) {
    Iterator<T> rest = items.iterator();
    return new Iterator<>() {
      private boolean isBegun;
      private boolean isEnded;

      @Override
      public boolean hasNext() {
        return !isEnded;
      }

      @Override
      public byte[] next() {
        if (isEnded) {
          throw new NoSuchElementException();
        }
        String start = isBegun ? "" : before;
        isBegun = true;
        if (!rest.hasNext()) {
          isEnded = true;
          return (start + after).getBytes(StandardCharsets.UTF_8);
        }
        String item = text(toJson.apply(rest.next()));
        return (start + item + (rest.hasNext() ? "," : "")).getBytes(StandardCharsets.UTF_8);
      }
    };
  }
}
