package io.walstrata.layerstore;

import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Looks into single layer files, wherever they are, with no store and no home around them. Nothing
 * is written.
 */
public final class LayerFiles {
  private LayerFiles() {}

  /**
   * Returns what a layer file says of itself. Reads its header and footer only.
   *
   * @throws io.walstrata.layerstore.page.CorruptLayerException if they are damaged
   */
  public static LayerFileInfo info(Path file) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Hands over one line per tombstone, then one per version, sorted by key and LSN.
   *
   * @param describer says what a value is
   * @param lines takes the lines, without line ends, in order
   * @throws io.walstrata.layerstore.page.CorruptLayerException where the file is damaged; lines
   *     before are right
   */
  public static void dump(Path file, ValueDescriber describer, Consumer<String> lines)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads and checks every byte of a layer file: checksums, order, counts, ranges, and its name if
   * it is a layer file's. What is wrong is in the report.
   *
   * @throws IOException if the file cannot be read at all
   */
  public static LayerFileReport verify(Path file) throws IOException {
    throw new UnsupportedOperationException();
  }
}
