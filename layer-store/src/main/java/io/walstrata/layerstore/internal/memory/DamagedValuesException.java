package io.walstrata.layerstore.internal.memory;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if values in an ephemeral file differ from what was written, or cannot be read back.
 * Reading again does not help; the log still has them.
 */
public final class DamagedValuesException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param position first byte of what is damaged, in bytes from the start of the file
   * @param problem what is wrong, with facts
   */
  DamagedValuesException(Path file, long position, String problem, @Nullable Throwable cause) {
    super(
        "values of layers that are not durable are damaged: file="
            + file
            + ", position="
            + position
            + ", "
            + problem,
        cause);
  }
}
