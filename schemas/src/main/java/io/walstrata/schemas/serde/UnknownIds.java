package io.walstrata.schemas.serde;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The schema ids that the registry does not know, or whose schema refers to one that it does not
 * know: its last word on each, for a while, and how long each has been waited for. Thread-safe.
 */
final class UnknownIds {
  /** Words that are kept, the newest. */
  private static final int MOST_WORDS = 1000;

  /** Ids whose waiting is known, the last ones that were waited for: less than 1 MB. */
  private static final int MOST_WAITED = 10_000;

  /**
   * @param isIncomplete whether the id is known, but not all that its schema refers to
   * @param answer what the registry said
   * @param askedNanos when, as {@link System#nanoTime}
   */
  private record Word(boolean isIncomplete, @Nullable String answer, long askedNanos) {}

  private final Duration kept;

  /** Guarded by this. */
  private final Map<Integer, Word> words = newest(MOST_WORDS);

  /** For how long, in nanoseconds; guarded by this. */
  private final Map<Integer, Long> waited = newest(MOST_WAITED);

  /**
   * @param kept for how long the registry's word is good
   */
  UnknownIds(Duration kept) {
    this.kept = kept;
  }

  private static <V> Map<Integer, V> newest(int most) {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Integer, V> eldest) {
        return size() > most;
      }
    };
  }

  /** Notes that the registry does not know an id. */
  void add(int id, UnknownSchemaIdException why) {
    put(id, new Word(/* isIncomplete= */ false, why.answer(), System.nanoTime()));
  }

  /** Notes that the registry does not know all that a schema refers to. */
  void add(int id, ForeignSchemaException why) {
    put(id, new Word(/* isIncomplete= */ true, why.getMessage(), System.nanoTime()));
  }

  private synchronized void put(int id, Word word) {
    words.remove(id);
    words.put(id, word);
  }

  /** Notes that the registry knows an id after all. */
  synchronized void remove(int id) {
    words.remove(id);
    waited.remove(id);
  }

  /** Throws, as a new exception, what the registry said of an id a short while ago, if it did. */
  synchronized void check(int id) {
    Word word = words.get(id);
    if (word != null && System.nanoTime() - word.askedNanos() < kept.toNanos()) {
      throw word.isIncomplete()
          ? new ForeignSchemaException(String.valueOf(word.answer()))
          : new UnknownSchemaIdException(id, word.answer());
    }
  }

  /** Notes that an id was waited for and is still unknown. */
  synchronized void waited(int id, long nanos) {
    Long before = waited.remove(id);
    waited.put(id, nanos + (before == null ? 0 : before));
  }

  /** Returns for how long an id has been waited for, all in all, in nanoseconds. */
  synchronized long waitedNanos(int id) {
    return waited.getOrDefault(id, 0L);
  }
}
