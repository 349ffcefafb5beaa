package io.walstrata.ingest.bench;

import java.util.ArrayList;
import java.util.List;

/** A table of results: headings, and rows of as many cells. */
public final class Report {
  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  Report(String... headings) {
    this.headings = List.of(headings);
  }

  void row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    if (row.size() != headings.size()) {
      throw new IllegalArgumentException(
          "cells do not fit the headings: headings=" + headings + ", cells=" + row);
    }
    rows.add(List.copyOf(row));
  }

  public List<String> headings() {
    return headings;
  }

  public List<List<String>> rows() {
    return List.copyOf(rows);
  }
}
