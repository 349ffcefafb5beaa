package io.walstrata.harness.bench;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Results in rows and columns. A cell is a text, a whole number, a decimal number with the digits
 * that are to be shown, or null where nothing was measured.
 */
public final class ResultTable {
  private final String name;
  private final List<String> headings;
  private final List<List<@Nullable Object>> rows = new ArrayList<>();

  /**
   * @param name of this table among those of a report
   * @param headings with the unit in each name
   */
  ResultTable(String name, String... headings) {
    this.name = name;
    this.headings = List.of(headings);
  }

  /**
   * @throws IllegalArgumentException if there are not as many cells as headings
   */
  void row(@Nullable Object... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "cells do not fit the headings: headings="
              + headings
              + ", cells="
              + Arrays.toString(cells));
    }
    rows.add(Collections.unmodifiableList(Arrays.asList(cells.clone())));
  }

  /**
   * Adds a row of which only some cells have a value.
   *
   * @param cells by heading
   * @throws IllegalArgumentException if there is no such heading
   */
  void row(Map<String, Object> cells) {
    if (!headings.containsAll(cells.keySet())) {
      throw new IllegalArgumentException(
          "cells do not fit the headings: headings=" + headings + ", cells=" + cells);
    }
    List<@Nullable Object> row = new ArrayList<>();
    headings.forEach(heading -> row.add(cells.get(heading)));
    rows.add(Collections.unmodifiableList(row));
  }

  /** Returns a number with this many digits after the point. */
  static BigDecimal decimal(double value, int digits) {
    return BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP);
  }

  public String name() {
    return name;
  }

  public List<String> headings() {
    return headings;
  }

  public List<List<@Nullable Object>> rows() {
    return Collections.unmodifiableList(rows);
  }
}
