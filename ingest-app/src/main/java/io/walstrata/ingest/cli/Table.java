package io.walstrata.ingest.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Columns as wide as their widest cell, two blanks between them. */
public final class Table {
  private final List<String[]> rows = new ArrayList<>();
  private final int[] widths;

  public Table(String... headings) {
    widths = new int[headings.length];
    rows.add(headings);
  }

  public void row(Object... cells) {
    String[] row = new String[cells.length];
    for (int i = 0; i < cells.length; i++) {
      row[i] = String.valueOf(cells[i]);
    }
    rows.add(row);
  }

  public void print(PrintWriter out) {
    printPart(out);
  }

  /** Prints the rows since the last part and forgets them; columns get no narrower. */
  void printPart(PrintWriter out) {
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
      }
      out.println(line.toString().stripTrailing());
    }
    rows.clear();
  }
}
