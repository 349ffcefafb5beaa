package io.walstrata.layerstore;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The outcome of checking a layer file, or another file of a home.
 *
 * @param file the file
 * @param verdict the result of the check
 * @param info the facts that its footer states; empty if the footer is damaged, or it is no layer
 *     file
 * @param problem the first fault found, with its offset, or why the file is not used; empty if
 *     there is none
 * @param isNamed whether the manifest of a home names it
 */
public record LayerFileReport(
    Path file,
    FileVerdict verdict,
    Optional<LayerFileInfo> info,
    Optional<String> problem,
    boolean isNamed) {

  static LayerFileReport of(Path file, FileVerdict verdict, String problem) {
    return new LayerFileReport(
        file, verdict, Optional.empty(), Optional.of(problem), /* isNamed= */ false);
  }

  /** Returns whether every byte is as it was written. */
  public boolean isIntact() {
    return verdict == FileVerdict.INTACT;
  }
}
