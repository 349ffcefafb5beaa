package io.walstrata.layerstore.home;

import io.walstrata.layerstore.page.TimelineId;
import java.util.Optional;

/**
 * The path of a layer file within the home of its partition: {@code <timeline>/<file name>}.
 *
 * @param timeline whose versions the file holds
 * @param fileName the file's name, unique within its timeline
 */
public record LayerPath(TimelineId timeline, LayerFileName fileName) {
  private static final char SEPARATOR = '/';

  /**
   * Parses a path.
   *
   * @throws IllegalArgumentException if {@link #toString} never returns this text
   */
  public static LayerPath parse(String text) {
    return tryParse(text)
        .orElseThrow(() -> new IllegalArgumentException("not a layer file's path: path=" + text));
  }

  /** Parses a path; empty if {@link #toString} never returns this text. */
  public static Optional<LayerPath> tryParse(String text) {
    int separator = text.indexOf(SEPARATOR);
    if (separator < 0) {
      return Optional.empty();
    }
    return tryParse(text.substring(0, separator), text.substring(separator + 1));
  }

  /** Parses a path from its two parts; empty if {@link #toString} never returns them. */
  public static Optional<LayerPath> tryParse(String timeline, String fileName) {
    return TimelineId.tryParse(timeline)
        .flatMap(id -> LayerFileName.tryParse(fileName).map(name -> new LayerPath(id, name)));
  }

  @Override
  public String toString() {
    return timeline.toString() + SEPARATOR + fileName;
  }
}
