package io.walstrata.layerstore.internal.memory;

import java.io.IOException;

/**
 * The values of open layers cannot be written. Nothing was put by the call that fails with this,
 * and it can be made again.
 */
public final class EphemeralFileException extends IOException {
  private static final long serialVersionUID = 1L;

  EphemeralFileException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
