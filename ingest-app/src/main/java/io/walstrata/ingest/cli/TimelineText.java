package io.walstrata.ingest.cli;

import java.util.HexFormat;

/** How a timeline is named on the command line. */
final class TimelineText {
  static final String HELP =
      "32 hex digits, or the first of them. If left out, or -: the only timeline.";

  /** Stands for the only timeline in a path. */
  static final String ONLY = "-";

  private static final int DIGITS = 32;

  private TimelineText() {}

  /** Returns whether a word names a timeline: no spelling of a key looks like that. */
  static boolean isOne(String word) {
    return word.equals(ONLY)
        || (!word.isEmpty()
            && word.length() <= DIGITS
            && word.chars().allMatch(HexFormat::isHexDigit));
  }
}
