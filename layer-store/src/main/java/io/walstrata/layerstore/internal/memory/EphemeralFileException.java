package io.walstrata.layerstore.internal.memory;

import java.io.IOException;

/**
 * Thrown if the values of open layers cannot be written. The call that throws it has put nothing,
 * and can be retried.
 */
public final class EphemeralFileException extends IOException {
  private static final long serialVersionUID = 1L;

  EphemeralFileException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
