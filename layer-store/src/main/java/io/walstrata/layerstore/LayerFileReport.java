package io.walstrata.layerstore;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The outcome of checking every byte of a layer file.
 *
 * @param file the file
 * @param info what it says of itself; empty if that is damaged
 * @param problem the first thing that is wrong, with the offset where; empty if all is well
 */
public record LayerFileReport(Path file, Optional<LayerFileInfo> info, Optional<String> problem) {
  /** Returns whether every byte is as it was written. */
  public boolean isIntact() {
    return problem.isEmpty();
  }
}
