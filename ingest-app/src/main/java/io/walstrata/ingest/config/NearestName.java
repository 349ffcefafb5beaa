package io.walstrata.ingest.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the known name that a mistyped one was probably meant to be. */
public final class NearestName {
  private NearestName() {}

  /**
   * Returns the name that is the fewest edits away from {@code typed}, if that is no more than a
   * third of its length.
   */
  static Optional<String> among(Collection<String> names, String typed) {
    return names.stream()
        .min(Comparator.comparingInt((String name) -> distance(name, typed)))
        .filter(name -> distance(name, typed) <= Math.max(1, typed.length() / 3));
  }

  /** Levenshtein distance, with one row of the table at a time. */
  public static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
