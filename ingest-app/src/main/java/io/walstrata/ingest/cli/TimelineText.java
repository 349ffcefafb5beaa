package io.walstrata.ingest.cli;

import java.util.HexFormat;
import java.util.List;
import java.util.function.BinaryOperator;

/** How a timeline is named on the command line. */
final class TimelineText {
  static final String HELP =
      "32 hex digits, or the first of them. If left out, or -: the only timeline.";

  /** Stands for the only timeline in a path. */
  static final String ONLY = "-";

  private static final int DIGITS = 32;

  private TimelineText() {}

  /**
   * Returns the path for the words {@code [TIMELINE] KEY} of a command.
   *
   * @param path makes it of a timeline and a key
   */
  static String path(List<String> words, BinaryOperator<String> path) {
    boolean isNamed = words.size() > 1 && isOne(words.get(0));
    String key = String.join(" ", words.subList(isNamed ? 1 : 0, words.size()));
    return path.apply(isNamed ? words.get(0) : ONLY, key);
  }

  /** Returns whether a word names a timeline: no spelling of a key looks like that. */
  static boolean isOne(String word) {
    return word.equals(ONLY)
        || (!word.isEmpty()
            && word.length() <= DIGITS
            && word.chars().allMatch(HexFormat::isHexDigit));
  }
}
