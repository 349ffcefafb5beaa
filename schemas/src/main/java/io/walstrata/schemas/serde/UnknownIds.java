package io.walstrata.schemas.serde;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the schema ids that the registry does not know, or whose schema refers to one that it does
 * not know: its last answer on each, for a while, and how long each has been waited for.
 * Thread-safe.
 */
final class UnknownIds {
  /** How many answers are kept, the newest. */
  private static final int MOST_ANSWERS = 1000;

  /** Of how many ids the waiting is kept, the last ones that were waited for: less than 1 MB. */
  private static final int MOST_WAITED = 10_000;

  /**
   * @param isIncomplete whether the id is known, but not all that its schema refers to
   * @param text of the registry
   * @param askedNanos when, as {@link System#nanoTime}
   */
  private record Answer(boolean isIncomplete, @Nullable String text, long askedNanos) {}

  private final Duration kept;

  /** Guarded by this. */
  private final Map<Integer, Answer> answers = newest(MOST_ANSWERS);

  /** How long each was waited for, in nanoseconds; guarded by this. */
  private final Map<Integer, Long> waited = newest(MOST_WAITED);

  /**
   * @param kept for how long an answer is used
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

  /** Keeps that the registry does not know an id. */
  void add(int id, UnknownSchemaIdException why) {
    put(id, new Answer(/* isIncomplete= */ false, why.answer(), System.nanoTime()));
  }

  /** Keeps that the registry does not know all that a schema refers to. */
  void add(int id, ForeignSchemaException why) {
    put(id, new Answer(/* isIncomplete= */ true, why.getMessage(), System.nanoTime()));
  }

  private synchronized void put(int id, Answer answer) {
    answers.remove(id);
    answers.put(id, answer);
  }

  /** Removes an id, which the registry knows after all. */
  synchronized void remove(int id) {
    answers.remove(id);
    waited.remove(id);
  }

  /** Throws a new exception with the answer on an id, if there is one and it is not too old. */
  synchronized void check(int id) {
    Answer answer = answers.get(id);
    if (answer != null && System.nanoTime() - answer.askedNanos() < kept.toNanos()) {
      throw answer.isIncomplete()
          ? new ForeignSchemaException(String.valueOf(answer.text()))
          : new UnknownSchemaIdException(id, answer.text());
    }
  }

  /** Adds to the time that an id was waited for, which is still unknown. */
  synchronized void waited(int id, long nanos) {
    Long before = waited.remove(id);
    waited.put(id, nanos + (before == null ? 0 : before));
  }

  /** Returns how long an id has been waited for in total, in nanoseconds. */
  synchronized long waitedNanos(int id) {
    return waited.getOrDefault(id, 0L);
  }
}
