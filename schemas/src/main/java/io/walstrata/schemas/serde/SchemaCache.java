package io.walstrata.schemas.serde;

import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps, by schema id, the resolved schema, or why it is refused: an id always means the same
 * schema. Bounded by number and by length of the schemas; the oldest is removed first, and the
 * registry is asked again if it is needed again. Thread-safe.
 */
final class SchemaCache {
  static final int MOST = 1000;

  /** Of the texts of all together, in characters. */
  static final long MOST_CHARS = 8L * WriterSchema.MAX_CHARS;

  /** Of the reason of a refusal, which may quote the schema any number of times. */
  private static final int MOST_CHARS_OF_REFUSAL = 4000;

  /** Why a schema is refused. Each message gets an exception of its own: threads share none. */
  private record Refusal(boolean isForeign, String message) {
    BadMessageException exception() {
      return isForeign
          ? new ForeignSchemaException(message)
          : new IncompatibleSchemaException(message);
    }
  }

  /** One of schema and refusal is null. */
  private record Outcome(@Nullable WriterSchema schema, @Nullable Refusal refusal, long chars) {}

  private final ConcurrentHashMap<Integer, Outcome> outcomes = new ConcurrentHashMap<>();

  /** Guarded by itself, as {@link #chars} is, and as adding is. */
  private final ArrayDeque<Integer> oldestFirst = new ArrayDeque<>();

  private long chars;

  /** Returns a schema if it is there; null if it is not there, or refused. */
  @Nullable WriterSchema get(int id) {
    Outcome outcome = outcomes.get(id);
    return outcome == null ? null : outcome.schema();
  }

  /** Throws a new exception if the schema is refused. */
  void checkRefused(int id) {
    Outcome outcome = outcomes.get(id);
    if (outcome != null && outcome.refusal() != null) {
      throw outcome.refusal().exception();
    }
  }

  void add(RegisteredSchema registered, WriterSchema schema) {
    add(registered.id(), new Outcome(schema, null, registered.chars()));
  }

  void refuse(int id, BadMessageException why) {
    String message = shortened(String.valueOf(why.getMessage()));
    add(
        id,
        new Outcome(
            null, new Refusal(why instanceof ForeignSchemaException, message), message.length()));
  }

  private static String shortened(String message) {
    return message.length() <= MOST_CHARS_OF_REFUSAL
        ? message
        : message.substring(0, MOST_CHARS_OF_REFUSAL) + "…";
  }

  private void add(int id, Outcome outcome) {
    synchronized (oldestFirst) {
      if (outcomes.putIfAbsent(id, outcome) != null) {
        return;
      }
      oldestFirst.add(id);
      chars += outcome.chars();
      while (oldestFirst.size() > MOST || chars > MOST_CHARS) {
        Outcome oldest = outcomes.remove(oldestFirst.remove());
        chars -= oldest == null ? 0 : oldest.chars();
      }
    }
  }

  /** Returns how many schemas are there, refused ones too. */
  int size() {
    return outcomes.size();
  }
}
