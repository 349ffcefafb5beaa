package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.util.ArrayList;
import java.util.List;

/**
 * The history of one of PostgreSQL's timelines: the timeline that the WAL is on at each LSN. A
 * promotion ends a timeline at its switch LSN, and the next one continues from there. Immutable.
 */
final class TimelineHistory {
  /**
   * @param number PostgreSQL's timeline number, unsigned 32 bits, from 1
   * @param endLsn where the next timeline begins; {@link Lsn#MAX} for the last
   */
  private record Stretch(int number, Lsn endLsn) {}

  private final List<Stretch> stretches;

  private TimelineHistory(List<Stretch> stretches) {
    this.stretches = stretches;
  }

  /** Returns the history of a timeline without ancestors. */
  static TimelineHistory ofFirst(int number) {
    return new TimelineHistory(List.of(new Stretch(number, Lsn.MAX)));
  }

  /**
   * Reads a history file: lines of parent timeline, switch LSN and reason, separated by tabs.
   *
   * @param number the timeline that the file is of
   * @throws ProduceException if it is none
   */
  static TimelineHistory parse(int number, String text) {
    List<Stretch> stretches = new ArrayList<>();
    for (String line : text.lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] fields = line.split("\\s+", 3);
      try {
        add(stretches, new Stretch(Integer.parseUnsignedInt(fields[0]), Lsn.parse(fields[1])));
      } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
        throw ProduceException.failed(
            "not a line of a timeline history: timeline=" + shown(number) + ", line=" + line);
      }
    }
    add(stretches, new Stretch(number, Lsn.MAX));
    return new TimelineHistory(endedByLaterSwitches(stretches));
  }

  private static void add(List<Stretch> stretches, Stretch next) {
    int last = stretches.isEmpty() ? 0 : stretches.get(stretches.size() - 1).number;
    if (Integer.compareUnsigned(last, next.number) >= 0) {
      throw ProduceException.failed(
          "timelines of a history do not ascend: timeline="
              + (shown(next.number) + ", before=" + shown(last)));
    }
    stretches.add(next);
  }

  /**
   * Returns the stretches, each ended by the first of its own and all later switches. Recovery
   * towards a newer timeline may stop on an ancestor, before it has reached that one: then the last
   * switch is before those of the lines above it, which are not part of this history.
   */
  private static List<Stretch> endedByLaterSwitches(List<Stretch> stretches) {
    List<Stretch> ended = new ArrayList<>(stretches);
    Lsn end = Lsn.MAX;
    for (int i = ended.size() - 1; i >= 0; i--) {
      Stretch stretch = ended.get(i);
      end = stretch.endLsn.isBefore(end) ? stretch.endLsn : end;
      ended.set(i, new Stretch(stretch.number, end));
    }
    return List.copyOf(ended);
  }

  /** Returns the timeline that the history is of. */
  int number() {
    return stretches.get(stretches.size() - 1).number;
  }

  /** Returns whether the WAL of this timeline is part of the history. */
  boolean contains(int timeline) {
    return stretches.stream().anyMatch(s -> s.number == timeline);
  }

  /** Returns the timeline on which the byte at this LSN was written. */
  int at(Lsn lsn) {
    for (Stretch stretch : stretches) {
      if (lsn.isBefore(stretch.endLsn)) {
        return stretch.number;
      }
    }
    return number();
  }

  /**
   * Returns where a timeline of the history ends, {@link Lsn#MAX} for the last.
   *
   * @throws IllegalArgumentException if it is not in the history
   */
  Lsn endOf(int timeline) {
    return stretches.stream()
        .filter(s -> s.number == timeline)
        .map(Stretch::endLsn)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "timeline is not in the history: timeline="
                        + shown(timeline)
                        + ", history="
                        + this));
  }

  /**
   * Checks that WAL which was read up to an LSN on a timeline continues in this history.
   *
   * @param timeline PostgreSQL's timeline of the WAL that was read
   * @param lsn the end of the last record read
   * @throws ProduceException if the WAL that was read is not, or no longer, part of this history
   */
  void requireContinues(int timeline, Lsn lsn) {
    if (!contains(timeline)) {
      throw ProduceException.failed(
          "the topic was filled from a postgres timeline that is not in the server's history:"
              + (" topicTimeline=" + shown(timeline) + ", lsn=" + lsn + ", serverHistory=" + this)
              + "; the server has not followed a promotion or is on another branch, use the right"
              + " server, or start a timeline of its own with --timeline");
    }
    Lsn end = endOf(timeline);
    if (end.isBefore(lsn)) {
      throw ProduceException.failed(
          "the topic holds WAL that the server's history does not: it was written on timeline="
              + (shown(timeline) + " up to lsn=" + lsn + ", but the promotion to the next timeline")
              + (" happened at switchLsn=" + end + ", serverHistory=" + this)
              + "; these changes were lost in the failover, so start a timeline of its own with"
              + " --timeline");
    }
  }

  private static String shown(int timeline) {
    return Integer.toUnsignedString(timeline);
  }

  /** Returns for instance {@code 1..0/3000148,2..}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    for (Stretch s : stretches) {
      parts.add(shown(s.number) + ".." + (s.endLsn.equals(Lsn.MAX) ? "" : s.endLsn.toString()));
    }
    return String.join(",", parts);
  }
}
