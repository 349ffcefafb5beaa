package io.walstrata.layerstore.home;

import java.io.IOException;

/**
 * A later claim of another owner fences this one: this store writes nothing more. What it has
 * reported as durable is kept; the new owner reads the rest from the log again.
 */
public final class FencedException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception; its cause may be more specific, such as that the layers are gone.
   *
   * @param ownEpoch the epoch of the fenced store
   * @param manifest the manifest's actual state, for instance {@code epoch 7}
   */
  public FencedException(String home, long ownEpoch, String manifest) {
    super(
        "layers were taken over by another owner or are gone; close this store: home="
            + home
            + ", ownEpoch="
            + ownEpoch
            + ", manifest="
            + manifest);
  }
}
