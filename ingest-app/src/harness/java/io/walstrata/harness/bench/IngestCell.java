package io.walstrata.harness.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * One cell of the grid.
 *
 * @param valueBytes size of each value, without its prefix
 * @param layout which keys are written
 * @param delta whether the delta file is written, synced and named in the manifest
 * @param reader whether another thread reads all the while
 */
public record IngestCell(int valueBytes, KeyLayout layout, boolean delta, boolean reader) {
  private static final int[] VALUE_BYTES = {100, 8192};

  /** Returns all cells, in the order of the table. */
  static List<IngestCell> grid() {
    List<IngestCell> cells = new ArrayList<>();
    for (int valueBytes : VALUE_BYTES) {
      for (KeyLayout layout : KeyLayout.values()) {
        for (boolean delta : new boolean[] {true, false}) {
          for (boolean reader : new boolean[] {false, true}) {
            cells.add(new IngestCell(valueBytes, layout, delta, reader));
          }
        }
      }
    }
    return cells;
  }

  /** Returns how the cell is called, in filters too: {@code 100 | Sequential | Yes | No}. */
  public String label() {
    return valueBytes + " | " + layout.label() + " | " + yesNo(delta) + " | " + yesNo(reader);
  }

  static String yesNo(boolean value) {
    return value ? "Yes" : "No";
  }
}
